output "hub" {
  value = module.hub
}

output "second_hub" {
  value = module.second_hub
}

output "north" {
  value = module.north
}

output "south" {
  value = module.south
}

output "home" {
  value = module.home
}
