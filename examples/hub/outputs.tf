output "account_id" {
  description = "Account ID, which a spoke registers under /monitors/<HubName>."
  value       = split(":", module.hub.event_bus_arn)[4]
}

output "event_bus_arn" {
  description = "ARN of the event bus, which a spoke in another region registers instead."
  value       = module.hub.event_bus_arn
}

output "refresh_function_name" {
  description = "Name of the function that requests fresh values."
  value       = module.hub.refresh_function_name
}

output "table_name" {
  description = "Name of the history table."
  value       = module.hub.table_name
}

output "latest_table_name" {
  description = "Name of the table with the latest value of each metric."
  value       = module.hub.latest_table_name
}

output "spokes_table_name" {
  description = "Name of the table with one item per spoke: its last run and its failures."
  value       = module.hub.spokes_table_name
}

output "rejected_queue_url" {
  description = "URL of the queue for rejected events. Message attributes contain the reason."
  value       = module.hub.rejected_queue_url
}

output "dashboard_url" {
  description = "Address of the dashboard in the CloudWatch console."
  value       = module.hub.dashboard_url
}

output "reader_policy_json" {
  description = "IAM policy for people and dashboards that read the tables."
  value       = module.hub.reader_policy_json
}
