output "monitors" {
  description = "The hubs that this account reports to, by name."
  value       = module.connection.monitors
}

output "monitored_projects" {
  description = "The spokes that this account listens to, by project and environment."
  value       = module.connection.monitored_projects
}

output "forward_rule_names" {
  description = "The forwarding rules, one for each bus that is sent to."
  value       = module.connection.forward_rule_names
}
