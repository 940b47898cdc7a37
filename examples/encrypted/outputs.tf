output "kms_key_arn" {
  description = "The key that everything is under."
  value       = aws_kms_key.this.arn
}

output "refresh_function_name" {
  description = "The function to call for fresh values."
  value       = module.hub.refresh_function_name
}

output "latest_table_name" {
  description = "The newest value of each metric."
  value       = module.hub.latest_table_name
}

output "reader_policy_json" {
  description = "IAM policy for people and dashboards that read, the key included."
  value       = module.hub.reader_policy_json
}
