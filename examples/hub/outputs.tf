output "account_id" {
  description = "What a spoke puts under /monitors/<HubName>."
  value       = split(":", module.hub.event_bus_arn)[4]
}

output "event_bus_arn" {
  description = "What a spoke of another region puts there instead."
  value       = module.hub.event_bus_arn
}

output "refresh_function_name" {
  description = "The function to call for fresh values."
  value       = module.hub.refresh_function_name
}

output "table_name" {
  description = "The history: every value that ever arrived."
  value       = module.hub.table_name
}

output "latest_table_name" {
  description = "The newest value of each metric."
  value       = module.hub.latest_table_name
}

output "spokes_table_name" {
  description = "One item a spoke: when it last answered, and what failed."
  value       = module.hub.spokes_table_name
}

output "rejected_queue_url" {
  description = "Events that the hub refused, each with its reason."
  value       = module.hub.rejected_queue_url
}

output "reader_policy_json" {
  description = "IAM policy for people and dashboards that read the tables."
  value       = module.hub.reader_policy_json
}
