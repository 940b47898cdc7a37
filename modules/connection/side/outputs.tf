output "rule_names" {
  description = "Names of the forwarding rules."
  value       = values(local.rule_names)
}
