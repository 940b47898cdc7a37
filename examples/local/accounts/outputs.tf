output "refresh_function_name" {
  description = "Function of the central hub to call for fresh values."
  value       = module.hub.refresh_function_name
}

output "table_name" {
  description = "History table of the central hub."
  value       = module.hub.table_name
}

output "latest_table_name" {
  description = "Table of the central hub with the newest value of each metric."
  value       = module.hub.latest_table_name
}

output "spokes_table_name" {
  description = "Table of the central hub with one item a spoke."
  value       = module.hub.spokes_table_name
}

output "rejected_queue_url" {
  description = "Queue of the central hub with the events that it refused."
  value       = module.hub.rejected_queue_url
}

output "spoke_bus_name" {
  description = "Bus of the Search account on which its own events are put."
  value       = module.search.event_bus_name
}
