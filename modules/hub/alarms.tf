# Alarms watch what exists. What leaves no metric at all, a spoke that is gone, is counted by the watch function.

locals {
  # <name> stands for var.name, so that the alarms' own names rest on no variable: var.disabled_alarms is checked against them.
  queue_alarms = {
    for queue in keys(local.dead_letter_queues) : "${queue}-not-empty" => {
      description = "There are messages on <name>-${queue}. Look at them, mend the cause, redrive them."
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = "<name>-${queue}" }
      statistic   = "Maximum"
    }
  }

  rule_alarms = {
    for name, alarm in {
      archive-rule-failures     = { metric = "FailedInvocations", description = "EventBridge could not deliver to the archive's queue. Check the queue's policy and key." }
      archive-rule-letters-lost = { metric = "InvocationsFailedToBeSentToDlq", description = "EventBridge could not even keep a dead letter of the archive's rule: events are lost. Check the policy of <name>-rule-dead-letters." }
      } : name => {
      description = alarm.description
      namespace   = "AWS/Events"
      metric      = alarm.metric
      dimensions  = { EventBusName = "<name>-hub", RuleName = "<name>-archive" }
      statistic   = "Sum"
    }
  }

  function_alarms = {
    for name, alarm in {
      archive-errors    = { function = "archive", metric = "Errors", description = "The archive ended with errors; its events will be tried again." }
      archive-throttles = { function = "archive", metric = "Throttles", description = "The account has no more concurrency for the archive, and events wait. Raise the account's quota, or see who else uses it." }
      refresh-errors    = { function = "refresh", metric = "Errors", description = "A request for fresh values failed." }
      refresh-dropped   = { function = "refresh", metric = "AsyncEventsDropped", description = "A request for fresh values that was accepted has failed for good." }
      watch-errors      = { function = "watch", metric = "Errors", description = "The search for silent spokes failed." }
      watch-dropped     = { function = "watch", metric = "AsyncEventsDropped", description = "A search for silent spokes that was accepted has failed for good." }
      } : name => {
      description = "${alarm.description} The log group /aws/lambda/<name>-${alarm.function} says why."
      namespace   = "AWS/Lambda"
      metric      = alarm.metric
      dimensions  = { FunctionName = "<name>-${alarm.function}" }
      statistic   = "Sum"
    }
  }

  # Counted by our own functions: a partial batch response is no Lambda error, and a refused event is none either.
  counted_alarms = {
    for name, alarm in {
      rejected            = { metric = "Rejected", description = "Events were refused; the reason is in the attributes of the messages on <name>-rejected." }
      archive-failures    = { metric = "Failed", description = "Events could not be written and will be tried again; the log of <name>-archive says why." }
      extraction-failures = { metric = "ExtractionFailures", description = "Spokes report metrics that failed; the table <name>-spokes says which, and why." }
      silent-spokes       = { metric = "SilentSpokes", description = "Registered spokes have not answered for longer than silent_after, or, where data is insufficient, nobody has looked; the log of <name>-watch names them." }
      } : name => {
      description = alarm.description
      namespace   = "DSDashboard"
      metric      = alarm.metric
      dimensions  = { Name = "<name>" }
      statistic   = alarm.metric == "SilentSpokes" ? "Maximum" : "Sum"
    }
  }

  age_alarm = {
    events-too-old = {
      description = "Events wait longer than 15 minutes to be archived. Raise archive_concurrency, or see why <name>-archive fails."
      namespace   = "AWS/SQS"
      metric      = "ApproximateAgeOfOldestMessage"
      dimensions  = { QueueName = "<name>-events" }
      statistic   = "Maximum"
    }
  }

  alarms = merge(local.queue_alarms, local.rule_alarms, local.function_alarms, local.counted_alarms, local.age_alarm)

  # What is not listed here is looked at every five minutes, and more than nothing is too much.
  alarm_periods    = { silent-spokes = 3600 }
  alarm_thresholds = { events-too-old = 900 }
  # Counted every hour, come what may: no count means that nobody looks any more, which is worth a message of its own.
  alarms_always_counted = ["silent-spokes"]
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = { for name, alarm in local.alarms : name => alarm if !contains(var.disabled_alarms, name) }

  alarm_name                = "${var.name}-hub-${each.key}"
  alarm_description         = "${replace(each.value.description, "<name>", var.name)} What to do: docs/runbook.md#hub-${each.key}"
  namespace                 = each.value.namespace
  metric_name               = each.value.metric
  dimensions                = { for name, value in each.value.dimensions : name => replace(value, "<name>", var.name) }
  statistic                 = each.value.statistic
  period                    = lookup(local.alarm_periods, each.key, 300)
  threshold                 = lookup(local.alarm_thresholds, each.key, 0)
  comparison_operator       = "GreaterThanThreshold"
  evaluation_periods        = 1
  treat_missing_data        = contains(local.alarms_always_counted, each.key) ? "missing" : "notBreaching"
  alarm_actions             = var.alarm_actions
  ok_actions                = var.alarm_actions
  insufficient_data_actions = contains(local.alarms_always_counted, each.key) ? var.alarm_actions : []
  tags                      = var.tags
}
