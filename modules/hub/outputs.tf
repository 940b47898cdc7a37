output "name" {
  description = "The name, available after the bus exists. Pass it to the connection module to apply and destroy in the right order."
  value       = var.name
  depends_on  = [aws_cloudwatch_event_bus.this]
}

output "event_bus_name" {
  description = "Name of the hub's event bus."
  value       = aws_cloudwatch_event_bus.this.name
}

output "event_bus_arn" {
  description = "ARN of the hub's event bus. Spokes in another region register it under their monitors path."
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
  description = "Name of the table with the latest value of each metric."
  value       = aws_dynamodb_table.latest.name
}

output "spokes_table_name" {
  description = "Name of the table with one item per spoke."
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
  description = "URL of the queue for events that the archive rejected. Message attributes contain the reason."
  value       = aws_sqs_queue.dead_letters["rejected"].url
}

output "archive_function_name" {
  description = "Name of the function that writes to the tables."
  value       = aws_lambda_function.functions["archive"].function_name
}

output "refresh_function_name" {
  description = "Name of the function that requests fresh values."
  value       = aws_lambda_function.functions["refresh"].function_name
}

output "watch_function_name" {
  description = "Name of the function that detects silent spokes."
  value       = aws_lambda_function.functions["watch"].function_name
}

output "report_function_name" {
  description = "Name of the function that writes the report. Invoke it for a report before the schedule does. Null without report."
  value       = one([for role, function in aws_lambda_function.functions : function.function_name if role == "report"])
}

output "widget_function_name" {
  description = "Name of the function that the dashboard's widget calls. Null without dashboard."
  value       = one([for role, function in aws_lambda_function.functions : function.function_name if role == "widget"])
}

output "report_bucket_name" {
  description = "Name of the bucket with report.html and latest.csv. Null without report."
  value       = one(aws_s3_bucket.report[*].id)
}

output "dashboard_url" {
  description = "Address of the dashboard in the CloudWatch console. Null without dashboard."
  value = one([
    for dashboard in aws_cloudwatch_dashboard.this :
    "https://${lookup(local.console_hosts, local.partition, local.console_hosts.aws)}/cloudwatch/home?region=${local.region}#dashboards/dashboard/${dashboard.dashboard_name}"
  ])
}

output "reader_policy_json" {
  description = "IAM policy for people and dashboards that read: for `ds-dashboard latest`, `history`, `spokes` and `export`."
  value       = jsonencode({ Version = "2012-10-17", Statement = local.reader_statements })
}

output "operator_policy_json" {
  description = "IAM policy for operators: every command but `spokes forget --history`. It lets them send the archive any event, as of any account, and refresh spokes. See docs/threat-model.md."
  # Without the Sids, which are for readers of the source, the policy of the longest name fits into a managed policy.
  value = jsonencode({
    Version   = "2012-10-17"
    Statement = [for statement in local.operator_statements : { for key, value in statement : key => value if key != "Sid" }]
  })
}

output "event_archive_name" {
  description = "Name of the event archive. Null without event_archive_days."
  value       = one(aws_cloudwatch_event_archive.this[*].name)
}

output "event_archive_arn" {
  description = "ARN of the event archive, which a replay reads. Null without event_archive_days."
  value       = one(aws_cloudwatch_event_archive.this[*].arn)
}

output "archive_rule_arn" {
  description = "ARN of the archive rule. A replay must name it as its filter; otherwise it reaches all rules of the bus."
  value       = aws_cloudwatch_event_rule.archive.arn
}

output "kms_key_policy_json" {
  description = "Policy document with the statements that a customer-managed key needs."
  value       = jsonencode({ Version = "2012-10-17", Statement = local.key_statements })
}

output "monitored_projects" {
  description = "Spokes in var.monitored_projects, as project name to environment to account ID or bus ARN."
  value       = var.monitored_projects
}

output "alarm_names" {
  description = "Names of the alarms."
  value       = sort([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name])
}

output "cloudwatch_metrics_cost" {
  description = "How many series cloudwatch_metrics has at most, and what they cost a month: `series`, `usd_per_month`, `for_each_spoke` and the `assumption`."
  value       = local.cloudwatch_cost
}
