# Only modules/connection manages the bus policy: two owners would overwrite each other's policy forever.

resource "aws_cloudwatch_event_bus" "this" {
  name               = local.bus_name
  description        = local.bus_description
  kms_key_identifier = var.kms_key_arn
  tags               = var.tags

  # Events that cannot be encrypted with the key go to this queue instead of being lost.
  dead_letter_config {
    arn = local.queue_arns["spoke-bus-dead-letters"]
  }

  # A bus with rules of a connection cannot be deleted. It is deleted first, so that dead letters survive such a failed destroy.
  depends_on = [aws_sqs_queue.dead_letters]
}

locals {
  days = 24 * 60 * 60

  senders = {
    spoke-dead-letters     = local.rule_arn
    spoke-bus-dead-letters = local.bus_arn
  }
}

# Refreshes that could not be delivered, and extractions that failed. Alarms report them; operators redrive them within two
# weeks. Always encrypted with the key of SQS: one missing grant must not lose an event twice.
resource "aws_sqs_queue" "dead_letters" {
  for_each = local.senders

  name                      = "${var.name}-${each.key}"
  message_retention_seconds = 14 * local.days
  max_message_size          = local.queue_max_message_size
  sqs_managed_sse_enabled   = true
  tags                      = var.tags

  # Inline, because a separate policy resource doubles the time that Terraform waits for the queue.
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

  depends_on = [aws_iam_role.extractor]
}
