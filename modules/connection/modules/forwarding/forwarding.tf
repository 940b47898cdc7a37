# Forwarding from one bus of this account to its peers, and the policy that lets the peers in. The same for hub and spoke.

data "aws_caller_identity" "current" {}

data "aws_service" "events" {
  service_id = "events"
}

locals {
  account   = data.aws_caller_identity.current.account_id
  region    = data.aws_service.events.region
  partition = data.aws_service.events.partition
  purpose   = "to-${var.peer_kind}"
  rule_arns = "arn:${local.partition}:events:${local.region}:${local.account}:rule/${var.bus_name}/${var.name}-to-*"
  queue     = "${var.name}-${local.purpose}-dead-letters"
  alarm     = "${local.purpose}-dead-letters-not-empty"

  # The account, region and name of each target bus. A rule is named after its bus and not after the projects on it, so that
  # adding a project on the same bus renames nothing.
  target_labels = {
    for bus in var.targets : bus => join("-", [split(":", bus)[4], split(":", bus)[3], split("/", bus)[1]])
  }
  # The hash keeps names distinct that are equal after truncation to 64 characters.
  rule_names = {
    for bus, label in local.target_labels : bus => join("-", [
      "${var.name}-to",
      substr(replace(label, "/[^A-Za-z0-9._-]/", "-"), 0, 64 - length(var.name) - 13),
      substr(sha256(bus), 0, 8),
    ])
  }

  # The same buses in any account.
  permitted_bus_arns = sort(distinct([
    for bus in var.peer_bus_arns : join(":", concat(slice(split(":", bus), 0, 4), ["*"], slice(split(":", bus), 5, 6)))
  ]))
}

resource "aws_cloudwatch_event_bus_policy" "this" {
  event_bus_name = var.bus_name
  policy         = var.bus_policy_json

  depends_on = [aws_iam_role.forward]
}

# One role for all rules, which specify the exact buses. The role allows the buses' names and regions in any account, so that
# adding a peer with the same bus name does not change it. Each peer's bus policy decides whether this account may send.
#
# It is created before everything else and deleted after it. AWS rejects a second role of this name, but gives a second state the
# bus policy, queue, alarm and rules that exist. An apply with a second state of this name fails here, with nothing in that state:
# `terraform destroy` would delete what the first installation uses.
resource "aws_iam_role" "forward" {
  # IAM is global: without the region, a second region of the same account would need the same name.
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
      Resource = local.permitted_bus_arns
    }]
  })
}

# `depends_on` of the module would add an edge for each of its resources, and a third to the plan time of 1,500 connections.
locals {
  # The role's ARN, available after its policy exists: EventBridge does not retry events that the role is not allowed to send.
  permitted_role_arn = [aws_iam_role.forward.arn, aws_iam_role_policy.forward.id][0]
  # The bus's name, available after the role exists, and known before.
  rules_bus_name = [var.bus_name, aws_iam_role.forward.id][0]
}

# Encrypted with the key of SQS: one missing grant must not lose an event twice.
resource "aws_sqs_queue" "dead_letters" {
  name                      = local.queue
  message_retention_seconds = 14 * 24 * 60 * 60
  max_message_size          = var.queue_max_message_size
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

  depends_on = [aws_iam_role.forward]
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  count = contains(var.disabled_alarms, local.alarm) ? 0 : 1

  alarm_name          = "${var.name}-${local.alarm}"
  alarm_description   = "Events could not be sent to ${var.peer_kind}. The messages on ${local.queue} show the targets and causes. Runbook: docs/runbook.md#${local.alarm}"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = local.queue }
  statistic           = "Maximum"
  period              = 300
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  actions_enabled     = true
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags

  depends_on = [aws_iam_role.forward]
}

module "forward" {
  source   = "../forwarding_rule"
  for_each = local.rule_names

  rule_name       = each.value
  bus_name        = local.rules_bus_name
  event_pattern   = var.event_pattern
  target_bus_arn  = each.key
  role_arn        = local.permitted_role_arn
  dead_letter_arn = aws_sqs_queue.dead_letters.arn
  tags            = var.tags
}
