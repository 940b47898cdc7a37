output "account_id" {
  description = "What the hub puts under /monitored_projects/<ProjectName>/<Environment>."
  value       = split(":", module.spoke.event_bus_arn)[4]
}

output "event_bus_arn" {
  description = "What a hub of another region puts there instead."
  value       = module.spoke.event_bus_arn
}

output "function_name" {
  description = "The function that extracts."
  value       = module.spoke.function_name
}

output "iam_policy_json" {
  description = "What the chosen metrics may do in this account."
  value       = module.spoke.iam_policy_json
}

output "dead_letter_queue_url" {
  description = "Refreshes that could not be delivered, and extractions that failed as a whole."
  value       = module.spoke.dead_letter_queue_url
}
