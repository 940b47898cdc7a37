output "hub" {
  value = module.hub
}

output "spoke" {
  value = module.spoke
}

output "keys" {
  value = { hub = aws_kms_key.hub.arn, spoke = aws_kms_key.spoke.arn }
}
