output "refresh_function_name" {
  description = "Name of the function that requests fresh values."
  value       = module.hub.refresh_function_name
}

output "latest_table_name" {
  description = "Name of the table with the latest value of each metric."
  value       = module.hub.latest_table_name
}

output "table_name" {
  description = "Name of the history table."
  value       = module.hub.table_name
}

output "spokes_table_name" {
  description = "Name of the table with one item per spoke: its last run and its failures."
  value       = module.hub.spokes_table_name
}

output "forward_rule_names" {
  description = "Names of the two forwarding rules, from the hub's bus to the spoke's and back."
  value       = module.connection.forward_rule_names
}
