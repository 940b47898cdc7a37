output "hub" {
  value = module.hub
}

output "north" {
  value = module.north
}

output "south" {
  value = module.south
}

output "hub_connection" {
  value = module.hub_connection
}

output "south_connection" {
  value = module.south_connection
}
