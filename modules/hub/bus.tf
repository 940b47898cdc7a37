# Only modules/connection manages the bus policy: two owners would overwrite each other's policy forever.

resource "aws_cloudwatch_event_bus" "this" {
  name               = local.bus_name
  description        = local.bus_description
  kms_key_identifier = var.kms_key_arn
  tags               = var.tags

  # Events that cannot be encrypted with the key go to this queue instead of being lost.
  dead_letter_config {
    arn = local.queue_arns["bus-dead-letters"]
  }

  # A bus with rules of a connection cannot be deleted. It is deleted first, so that the data survives such a failed destroy.
  depends_on = [
    aws_sqs_queue.dead_letters,
    aws_sqs_queue.events,
    aws_dynamodb_table.history,
    aws_dynamodb_table.latest,
    aws_dynamodb_table.spokes,
  ]
}

locals {
  # All events from other accounts, and all events from this account except refreshes.
  archived_events = jsonencode({
    "$or" = [
      { account = [{ "anything-but" = [local.account] }] },
      { source = [{ "anything-but" = ["metric_extractor"] }] },
      { "detail-type" = [{ "anything-but" = ["metric_extractor"] }] },
      { detail = { MetricName = [{ exists = true }] } },
    ]
  })
}

resource "aws_cloudwatch_event_rule" "archive" {
  name           = local.archive_rule
  description    = "All events from other accounts, and all events from this account except refreshes. The archive validates them."
  event_bus_name = aws_cloudwatch_event_bus.this.name
  event_pattern  = local.archived_events
  state          = "ENABLED"
  tags           = var.tags
}

resource "aws_cloudwatch_event_target" "archive" {
  event_bus_name = aws_cloudwatch_event_bus.this.name
  rule           = aws_cloudwatch_event_rule.archive.name
  target_id      = "archive"
  arn            = aws_sqs_queue.events.arn

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters["rule-dead-letters"].arn
  }
}

# A copy of what arrives, before anything can go wrong with it. A replay names the archive rule as its filter, and events that
# are already in the tables change nothing. Archives have no tags, and no customer-managed key in provider 5.
resource "aws_cloudwatch_event_archive" "this" {
  count = var.event_archive_days == null ? 0 : 1

  name             = local.event_archive
  description      = "Events from spokes, without refreshes, to replay for the rule ${local.archive_rule}."
  event_source_arn = aws_cloudwatch_event_bus.this.arn
  event_pattern    = local.archived_events
  retention_days   = var.event_archive_days
}
