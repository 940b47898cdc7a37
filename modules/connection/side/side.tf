# One direction out of this account, and who may come in: the same for hub and spoke.

data "aws_caller_identity" "current" {}

data "aws_service" "events" {
  service_id = "events"
}

locals {
  account   = data.aws_caller_identity.current.account_id
  region    = data.aws_service.events.region
  partition = data.aws_service.events.partition
  purpose   = "to-${var.others}"
  rule_arns = "arn:${local.partition}:events:${local.region}:${local.account}:rule/${var.bus_name}/${var.name}-to-*"
  queue     = "${var.name}-${local.purpose}-dead-letters"
  alarm     = "${local.purpose}-dead-letters-not-empty"

  # Named after the bus, not after the projects behind it, so that a project more on the same bus renames nothing. The hash
  # keeps names apart that are equal once cut: A-B/c and A/B-c.
  rule_names = {
    for bus in var.targets : bus => join("-", [
      "${var.name}-to",
      substr(replace(join("-", [split(":", bus)[4], split(":", bus)[3], split("/", bus)[1]]), "/[^A-Za-z0-9._-]/", "-"), 0, 64 - length(var.name) - 13),
      substr(sha256(bus), 0, 8),
    ])
  }
}

resource "aws_cloudwatch_event_bus_policy" "this" {
  event_bus_name = var.bus_name
  policy         = var.bus_policy_json
}

# One role for all: the rules pin the exact buses. It allows names and regions in any account, so that another spoke of the
# same name does not touch it; whether an account lets this one in is that account's to say.
resource "aws_iam_role" "forward" {
  # IAM is global: without the region, a second one in the same account would take the same name.
  name                 = "${var.name}-${local.region}-${local.purpose}"
  path                 = var.iam_path
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnLike      = { "aws:SourceArn" = local.rule_arns }
      }
    }]
  })
}

resource "aws_iam_role_policy" "forward" {
  name = "forward"
  role = aws_iam_role.forward.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["events:PutEvents"]
      Resource = sort(distinct([for bus in var.others_buses : join(":", concat(slice(split(":", bus), 0, 4), ["*"], slice(split(":", bus), 5, 6)))]))
    }]
  })
}

# The role once its policy is there, since EventBridge gives up at once on an event that the role may not send. Not by
# depends_on of the module: that is an edge for each of its resources, and a third more time for 1,500 connections.
locals {
  permitted_role_arn = [aws_iam_role.forward.arn, aws_iam_role_policy.forward.id][0]
}

# Under SQS's own key: one missing grant must not lose an event twice.
resource "aws_sqs_queue" "dead_letters" {
  name                      = local.queue
  message_retention_seconds = 14 * 24 * 60 * 60
  sqs_managed_sse_enabled   = true
  tags                      = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "ForwardingRules"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = "arn:${local.partition}:sqs:${local.region}:${local.account}:${local.queue}"
      Condition = { ArnLike = { "aws:SourceArn" = local.rule_arns } }
    }]
  })
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  count = contains(var.disabled_alarms, local.alarm) ? 0 : 1

  alarm_name          = "${var.name}-${local.alarm}"
  alarm_description   = "Events could not be sent to ${var.others}; the messages on ${local.queue} say to which and why. What to do: docs/runbook.md#${local.alarm}"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = local.queue }
  statistic           = "Maximum"
  period              = 300
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}

module "forward" {
  source   = "../forward"
  for_each = local.rule_names

  rule_name       = each.value
  bus_name        = var.bus_name
  event_pattern   = var.event_pattern
  target_bus_arn  = each.key
  role_arn        = local.permitted_role_arn
  dead_letter_arn = aws_sqs_queue.dead_letters.arn
  tags            = var.tags
}
