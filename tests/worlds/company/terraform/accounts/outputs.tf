output "central" {
  value = module.central
}

output "charlie_hub" {
  value = module.charlie_hub
}

output "outpost_hub" {
  value = module.outpost_hub
}

output "alpha" {
  value = module.alpha
}

output "bravo" {
  value = module.bravo
}

output "charlie" {
  value = module.charlie
}

output "outpost" {
  value = module.outpost
}

output "guard_hub" {
  value = module.guard_hub
}

output "guard_spoke" {
  value = module.guard_spoke
}
