output "monitors" {
  description = "Hubs that this account reports to, as name to bus ARN."
  value       = module.connection.monitors
}

output "monitored_projects" {
  description = "Spokes that this account listens to, as project name to environment to bus ARN."
  value       = module.connection.monitored_projects
}

output "forward_rule_names" {
  description = "Names of the forwarding rules, one for each target bus."
  value       = module.connection.forward_rule_names
}
