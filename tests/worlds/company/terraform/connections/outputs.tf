output "central" {
  value = module.central
}

output "charlie" {
  value = module.charlie
}
