locals {
  days = 24 * 60 * 60

  # Redelivery outlasts an outage: 15 attempts at intervals of 6 minutes take an hour and a half.
  visibility_timeout = 6 * local.functions.archive.timeout
  max_receive_count  = 15

  # Queues that receive dead letters from EventBridge and Scheduler are encrypted with the key of SQS: one missing grant must
  # not lose an event twice.
  dead_letter_queues = {
    events-dead-letters   = { customer_key = true }
    rejected              = { customer_key = true }
    rule-dead-letters     = { customer_key = false }
    bus-dead-letters      = { customer_key = false }
    function-dead-letters = { customer_key = false }
  }
  # Senders that the queue policy permits. Other senders have a role.
  dead_letter_senders = {
    rule-dead-letters = local.rule_arn
    bus-dead-letters  = local.bus_arn
  }
}

# Events that could not be delivered or processed, or were rejected. Alarms report them; operators redrive them within two weeks.
resource "aws_sqs_queue" "dead_letters" {
  for_each = local.dead_letter_queues

  name                      = "${var.name}-${each.key}"
  message_retention_seconds = 14 * local.days
  max_message_size          = local.queue_max_message_size
  kms_master_key_id         = each.value.customer_key ? var.kms_key_arn : null
  sqs_managed_sse_enabled   = each.value.customer_key && var.kms_key_arn != null ? null : true
  tags                      = var.tags

  # Inline, because a separate policy resource doubles the time that Terraform waits for the queue.
  policy = !contains(keys(local.dead_letter_senders), each.key) ? null : jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "EventBridge"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = local.queue_arns[each.key]
      Condition = { ArnEquals = { "aws:SourceArn" = local.dead_letter_senders[each.key] } }
    }]
  })

  depends_on = [aws_scheduler_schedule_group.this]
}

resource "aws_sqs_queue" "events" {
  name                       = "${var.name}-events"
  message_retention_seconds  = 4 * local.days
  max_message_size           = local.queue_max_message_size
  visibility_timeout_seconds = local.visibility_timeout
  kms_master_key_id          = var.kms_key_arn
  sqs_managed_sse_enabled    = var.kms_key_arn == null ? true : null
  tags                       = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters["events-dead-letters"].arn
    maxReceiveCount     = local.max_receive_count
  })

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "ArchiveRule"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = local.queue_arns["events"]
      Condition = { ArnEquals = { "aws:SourceArn" = local.rule_arn } }
    }]
  })

  depends_on = [aws_scheduler_schedule_group.this]
}
