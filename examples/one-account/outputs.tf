output "refresh_function_name" {
  description = "The function to call for fresh values."
  value       = module.hub.refresh_function_name
}

output "latest_table_name" {
  description = "The newest value of each metric."
  value       = module.hub.latest_table_name
}

output "table_name" {
  description = "The history: every value that ever arrived."
  value       = module.hub.table_name
}

output "spokes_table_name" {
  description = "One item a spoke: when it last answered, and what failed."
  value       = module.hub.spokes_table_name
}

output "forward_rule_names" {
  description = "The two forwarding rules, from the hub's bus to the spoke's and back."
  value       = module.connection.forward_rule_names
}
