output "refresh_function_name" {
  description = "Name of the function of the central hub that requests fresh values."
  value       = module.hub.refresh_function_name
}

output "table_name" {
  description = "Name of the history table of the central hub."
  value       = module.hub.table_name
}

output "latest_table_name" {
  description = "Name of the central hub's table with the latest value of each metric."
  value       = module.hub.latest_table_name
}

output "spokes_table_name" {
  description = "Name of the central hub's table with one item per spoke."
  value       = module.hub.spokes_table_name
}

output "rejected_queue_url" {
  description = "URL of the central hub's queue for rejected events."
  value       = module.hub.rejected_queue_url
}

output "spoke_bus_name" {
  description = "Name of the spoke's event bus in the account of Search."
  value       = module.search.event_bus_name
}
