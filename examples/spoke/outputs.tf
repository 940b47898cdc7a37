output "account_id" {
  description = "Account ID, which the hub registers under /monitored_projects/<ProjectName>/<Environment>."
  value       = split(":", module.spoke.event_bus_arn)[4]
}

output "event_bus_arn" {
  description = "ARN of the event bus, which a hub in another region registers instead."
  value       = module.spoke.event_bus_arn
}

output "function_name" {
  description = "Name of the extraction function."
  value       = module.spoke.function_name
}

output "iam_policy_json" {
  description = "Permissions of all metrics of the extraction function, as one policy."
  value       = module.spoke.iam_policy_json
}

output "dead_letter_queue_url" {
  description = "URL of the queue for refreshes that could not be delivered, and for failed extractions."
  value       = module.spoke.dead_letter_queue_url
}
