output "hub" {
  value = module.hub
}

output "hub_connection" {
  value = module.hub_connection
}

output "hub_key" {
  value = aws_kms_key.hub.arn
}

output "spoke" {
  value = module.spoke
}

output "spoke_connection" {
  value = module.spoke_connection
}

output "spoke_key" {
  value = aws_kms_key.spoke.arn
}
