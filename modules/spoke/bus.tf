# The bus's policy belongs to modules/connection alone: two owners would rewrite each other for ever.

resource "aws_cloudwatch_event_bus" "this" {
  name               = local.bus_name
  description        = "Refreshes from the hubs, and what this spoke answers."
  kms_key_identifier = var.kms_key_arn
  tags               = var.tags

  # Where the key cannot be used, events wait here instead of vanishing.
  dead_letter_config {
    arn = local.queue_arns["spoke-bus-dead-letters"]
  }

  # A bus that still has connections refuses to be deleted. It goes first, so that such a failed destroy leaves the letters.
  depends_on = [aws_sqs_queue.dead_letters]
}

locals {
  days = 24 * 60 * 60

  senders = {
    spoke-dead-letters     = local.rule_arn
    spoke-bus-dead-letters = local.bus_arn
  }
}

# What could not be delivered or extracted: kept for two weeks, watched by alarms, redriven by hand. Under SQS's own key
# whatever kms_key_arn says, since one missing grant must not lose an event twice.
resource "aws_sqs_queue" "dead_letters" {
  for_each = local.senders

  name                      = "${var.name}-${each.key}"
  message_retention_seconds = 14 * local.days
  sqs_managed_sse_enabled   = true
  tags                      = var.tags

  # Inline, since a policy resource of its own waits for its queue and then as long again.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "EventBridge"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = local.queue_arns[each.key]
      Condition = { ArnEquals = { "aws:SourceArn" = each.value } }
    }]
  })
}
