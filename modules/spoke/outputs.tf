output "name" {
  description = "The name, available after the bus exists. Pass it to the connection module to apply and destroy in the right order."
  value       = var.name
  depends_on  = [aws_cloudwatch_event_bus.this]
}

output "event_bus_name" {
  description = "Name of the spoke's event bus."
  value       = aws_cloudwatch_event_bus.this.name
}

output "event_bus_arn" {
  description = "ARN of the spoke's event bus. A hub in another region registers it under its monitored projects path."
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
  description = "URL of the queue for refreshes and schedules that could not be delivered, and for failed extractions."
  value       = aws_sqs_queue.dead_letters["spoke-dead-letters"].url
}

output "metrics" {
  description = "Names of the metrics that the spoke extracts: those in metrics, with families expanded, and in metric_instances."
  value       = keys(local.requested)
}

output "iam_policy_json" {
  description = "Permissions of all metrics of the extraction function, as one policy."
  value       = local.iam_policy_json
}

output "metric_permissions" {
  description = "Permissions by metric: metric name to its statements, with placeholders filled in."
  value       = local.metric_statements
}

output "monitors" {
  description = "Hubs in var.monitors, as name to account ID or bus ARN."
  value       = var.monitors
}

output "operator_policy_json" {
  description = "IAM policy for operators: `dead-letters` and `doctor --side spoke`. It lets them delete queued messages, run the extraction, and put any value on the spoke's bus."
  value       = jsonencode({ Version = "2012-10-17", Statement = local.operator_statements })
}

output "kms_key_policy_json" {
  description = "Policy document with the statements that a customer-managed key needs."
  value       = jsonencode({ Version = "2012-10-17", Statement = local.key_statements })
}

output "alarm_names" {
  description = "Names of the alarms."
  value       = sort([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name])
}
