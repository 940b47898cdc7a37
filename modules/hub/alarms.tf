# Alarms watch what exists. What leaves no metric at all, a spoke that is gone, is counted by the watch function.

locals {
  queue_alarms = {
    for queue in keys(local.dead_letter_queues) : "${queue}-not-empty" => {
      description = "There are messages on ${var.name}-${queue}. Look at them, mend the cause, redrive them: docs/runbook.md."
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = "${var.name}-${queue}" }
      statistic   = "Maximum"
    }
  }

  rule_alarms = {
    for metric in ["FailedInvocations", "InvocationsFailedToBeSentToDlq"] : "archive-rule-${metric}" => {
      description = "EventBridge could not deliver to the archive's queue (${metric}). Check the queue's policy and key."
      namespace   = "AWS/Events"
      metric      = metric
      dimensions  = { EventBusName = local.bus_name, RuleName = local.archive_rule }
      statistic   = "Sum"
    }
  }

  function_alarms = {
    for role in keys(local.functions) : "${role}-errors" => {
      description = "${var.name}-${role} ended with errors. Its log group /aws/lambda/${var.name}-${role} says which."
      namespace   = "AWS/Lambda"
      metric      = "Errors"
      dimensions  = { FunctionName = "${var.name}-${role}" }
      statistic   = "Sum"
    }
  }

  dropped_alarms = {
    for role in ["refresh", "watch"] : "${role}-dropped" => {
      description = "Lambda dropped invocations of ${var.name}-${role} without their reaching the dead-letter queue. Check its role."
      namespace   = "AWS/Lambda"
      metric      = "AsyncEventsDropped"
      dimensions  = { FunctionName = "${var.name}-${role}" }
      statistic   = "Sum"
    }
  }

  # Counted by our own functions: a partial batch response is no Lambda error, and a refused event is none either.
  counted_alarms = {
    for name, alarm in {
      rejected            = { metric = "Rejected", description = "Events were refused; the reason is in the attributes of the messages on ${var.name}-rejected." }
      failed              = { metric = "Failed", description = "Events could not be written and will be tried again; the log of ${var.name}-archive says why." }
      extraction-failures = { metric = "ExtractionFailures", description = "Spokes report metrics that failed; the spokes table and `ds-dashboard latest` say which." }
      silent-spokes       = { metric = "SilentSpokes", description = "Registered spokes have not answered for ${var.silent_after} hours; the log of ${var.name}-watch names them." }
      } : name => {
      description = alarm.description
      namespace   = "DSDashboard"
      metric      = alarm.metric
      dimensions  = { Name = var.name }
      statistic   = alarm.metric == "SilentSpokes" ? "Maximum" : "Sum"
    }
  }

  age_alarm = {
    events-too-old = {
      description = "Events wait longer than 15 minutes to be archived. Raise archive_concurrency, or see why ${var.name}-archive fails."
      namespace   = "AWS/SQS"
      metric      = "ApproximateAgeOfOldestMessage"
      dimensions  = { QueueName = "${var.name}-events" }
      statistic   = "Maximum"
    }
  }

  # What is not listed here is looked at every five minutes, and more than nothing is too much.
  alarm_periods    = { silent-spokes = 3600 }
  alarm_thresholds = { events-too-old = 900 }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = merge(local.queue_alarms, local.rule_alarms, local.function_alarms, local.dropped_alarms, local.counted_alarms, local.age_alarm)

  alarm_name          = "${var.name}-hub-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = lookup(local.alarm_periods, each.key, 300)
  threshold           = lookup(local.alarm_thresholds, each.key, 0)
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}
