output "rule_names" {
  description = "Names of the forwarding rules."
  value       = values(local.rule_names)
}

output "alarm_names" {
  description = "Names of the alarms."
  value       = aws_cloudwatch_metric_alarm.dead_letters[*].alarm_name
}
