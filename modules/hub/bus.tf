# The bus's policy belongs to modules/connection alone: two owners would rewrite each other for ever.

resource "aws_cloudwatch_event_bus" "this" {
  name               = local.bus_name
  description        = "Refreshes to the spokes, and what the spokes answer."
  kms_key_identifier = var.kms_key_arn
  tags               = var.tags

  # Where the key cannot be used, events wait here instead of vanishing.
  dead_letter_config {
    arn = local.queue_arns["bus-dead-letters"]
  }

  # A bus that still has connections refuses to be deleted. It goes first, so that such a failed destroy leaves the data.
  depends_on = [
    aws_sqs_queue.dead_letters,
    aws_sqs_queue.events,
    aws_dynamodb_table.history,
    aws_dynamodb_table.latest,
    aws_dynamodb_table.spokes,
  ]
}

locals {
  # All that comes from other accounts, and of this account's own events all but refreshes.
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
  description    = "All that comes from other accounts, and of this account's own events all but refreshes: the archive decides."
  event_bus_name = aws_cloudwatch_event_bus.this.name
  event_pattern  = local.archived_events
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
