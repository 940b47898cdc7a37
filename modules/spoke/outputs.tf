output "name" {
  description = "The name that was given, available once the bus is there: pass it to the connection module, and the order is right."
  value       = var.name
  depends_on  = [aws_cloudwatch_event_bus.this]
}

output "event_bus_name" {
  description = "Name of the spoke's event bus."
  value       = aws_cloudwatch_event_bus.this.name
}

output "event_bus_arn" {
  description = "ARN of the spoke's event bus: what a hub of another region registers under its monitored projects path."
  value       = aws_cloudwatch_event_bus.this.arn
}

output "function_name" {
  description = "Name of the extraction function."
  value       = aws_lambda_function.extractor.function_name
}

output "role_arn" {
  description = "ARN of the extraction function's role."
  value       = aws_iam_role.extractor.arn
}

output "dead_letter_queue_url" {
  description = "URL of the queue for refreshes and schedules that could not be delivered, and extractions that failed."
  value       = aws_sqs_queue.dead_letters["spoke-dead-letters"].url
}

output "iam_policy_json" {
  description = "What the chosen metrics allow the extraction function, as one policy."
  value       = local.iam_policy_json
}

output "metric_permissions" {
  description = "Which metric asked for what: metric name to its statements, filled in."
  value       = local.metric_statements
}

output "monitors" {
  description = "The hubs named here, as name to account id or bus ARN."
  value       = var.monitors
}

output "operator_policy_json" {
  description = "IAM policy for those who keep it running: `ds-dashboard dead-letters` and `ds-dashboard doctor --side spoke`."
  value       = jsonencode({ Version = "2012-10-17", Statement = local.operator_statements })
}

output "kms_key_policy_json" {
  description = "The statements that the policy of a customer-managed key needs, as a policy document of its own."
  value       = jsonencode({ Version = "2012-10-17", Statement = local.key_statements })
}

output "alarm_names" {
  description = "Names of the alarms that were made."
  value       = sort([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name])
}
