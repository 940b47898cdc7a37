output "name" {
  description = "The name that was given, available once the bus is there: pass it to the connection module, and the order is right."
  value       = var.name
  depends_on  = [aws_cloudwatch_event_bus.this]
}

output "event_bus_name" {
  description = "Name of the hub's event bus."
  value       = aws_cloudwatch_event_bus.this.name
}

output "event_bus_arn" {
  description = "ARN of the hub's event bus: what spokes of another region register under their monitors path."
  value       = aws_cloudwatch_event_bus.this.arn
}

output "table_name" {
  description = "Name of the history table."
  value       = aws_dynamodb_table.history.name
}

output "table_arn" {
  description = "ARN of the history table."
  value       = aws_dynamodb_table.history.arn
}

output "latest_table_name" {
  description = "Name of the table with the newest value of each metric."
  value       = aws_dynamodb_table.latest.name
}

output "spokes_table_name" {
  description = "Name of the table with one item for each spoke."
  value       = aws_dynamodb_table.spokes.name
}

output "queue_url" {
  description = "URL of the queue that the archive reads."
  value       = aws_sqs_queue.events.url
}

output "dead_letter_queue_url" {
  description = "URL of the queue for events that the archive could not process."
  value       = aws_sqs_queue.dead_letters["events-dead-letters"].url
}

output "rejected_queue_url" {
  description = "URL of the queue for events that the archive refused; the reason is in the message attributes."
  value       = aws_sqs_queue.dead_letters["rejected"].url
}

output "archive_function_name" {
  description = "Name of the function that writes to the tables."
  value       = aws_lambda_function.functions["archive"].function_name
}

output "refresh_function_name" {
  description = "Name of the function to call for fresh values."
  value       = aws_lambda_function.functions["refresh"].function_name
}

output "watch_function_name" {
  description = "Name of the function that looks for silent spokes."
  value       = aws_lambda_function.functions["watch"].function_name
}

output "reader_policy_json" {
  description = "IAM policy for people and dashboards that read: all that `ds-dashboard latest`, history, spokes and export need."
  value       = jsonencode({ Version = "2012-10-17", Statement = local.reader_statements })
}

output "operator_policy_json" {
  description = "IAM policy for those who keep it running: what readers may, and `ds-dashboard refresh`, rejected, dead-letters, replay and doctor."
  value       = jsonencode({ Version = "2012-10-17", Statement = local.operator_statements })
}

output "event_archive_name" {
  description = "Name of the archive of events; null without event_archive_days."
  value       = one(aws_cloudwatch_event_archive.this[*].name)
}

output "event_archive_arn" {
  description = "ARN of the archive of events, which a replay reads; null without event_archive_days."
  value       = one(aws_cloudwatch_event_archive.this[*].arn)
}

output "archive_rule_arn" {
  description = "ARN of the rule that feeds the tables: a replay must name it as its filter, or it reaches every rule of the bus."
  value       = aws_cloudwatch_event_rule.archive.arn
}

output "kms_key_policy_json" {
  description = "The statements that the policy of a customer-managed key needs, as a policy document of its own."
  value       = jsonencode({ Version = "2012-10-17", Statement = local.key_statements })
}

output "monitored_projects" {
  description = "The spokes registered here, as project name to environment to account id or bus ARN."
  value       = var.monitored_projects
}

output "alarm_names" {
  description = "Names of the alarms that were made."
  value       = sort([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name])
}
