output "kms_key_arn" {
  description = "ARN of the key."
  value       = aws_kms_key.this.arn
}

output "refresh_function_name" {
  description = "Name of the function that requests fresh values."
  value       = module.hub.refresh_function_name
}

output "latest_table_name" {
  description = "Name of the table with the latest value of each metric."
  value       = module.hub.latest_table_name
}

output "reader_policy_json" {
  description = "IAM policy for people and dashboards that read, with permission to use the key."
  value       = module.hub.reader_policy_json
}
