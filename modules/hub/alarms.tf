# Alarms on the hub's queues, rules and functions. A spoke that is gone emits no metric; the watch function counts it.

locals {
  # <name> stands for var.name. The alarms' own names do not depend on any variable, because var.disabled_alarms is validated
  # against them.
  queue_alarms = {
    for queue in keys(local.dead_letter_queues) : "${queue}-not-empty" => {
      description = "There are messages on <name>-${queue}. Look at them, fix the cause and redrive them."
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = "<name>-${queue}" }
      statistic   = "Maximum"
    }
  }

  rule_alarms = {
    for name, alarm in {
      archive-rule-failures = {
        metric      = "FailedInvocations"
        description = "EventBridge could not deliver events to the archive's queue. Check the queue's policy and key, and for events larger than queue_max_message_size."
      }
      archive-rule-letters-lost = {
        metric = "InvocationsFailedToBeSentToDlq"
        description = join(" ", [
          "EventBridge could not write dead letters of the archive rule: events are lost.",
          "Check the policy of <name>-rule-dead-letters, and for events larger than queue_max_message_size.",
        ])
      }
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
      archive-errors = {
        function    = "archive"
        metric      = "Errors"
        description = "The archive function failed. It retries its events."
      }
      archive-throttles = {
        function    = "archive"
        metric      = "Throttles"
        description = "The account has no concurrency left for the archive function, and events wait. Raise the account's quota, or find what uses it."
      }
      refresh-errors = {
        function    = "refresh"
        metric      = "Errors"
        description = "A request for fresh values failed."
      }
      refresh-dropped = {
        function    = "refresh"
        metric      = "AsyncEventsDropped"
        description = "An accepted request for fresh values failed permanently."
      }
      watch-errors = {
        function    = "watch"
        metric      = "Errors"
        description = "The detection of silent spokes failed."
      }
      watch-dropped = {
        function    = "watch"
        metric      = "AsyncEventsDropped"
        description = "An accepted detection of silent spokes failed permanently."
      }
      report-errors = {
        function    = "report"
        metric      = "Errors"
        description = "The report was not written. The bucket has the previous one."
      }
      report-dropped = {
        function    = "report"
        metric      = "AsyncEventsDropped"
        description = "An accepted request for a report failed permanently."
      }
      } : name => {
      description = "${alarm.description} The log group /aws/lambda/<name>-${alarm.function} shows the cause."
      namespace   = "AWS/Lambda"
      metric      = alarm.metric
      dimensions  = { FunctionName = "<name>-${alarm.function}" }
      statistic   = "Sum"
    }
  }

  # Counted by the functions, because neither a partial batch response nor a rejected event is an error of Lambda.
  counted_alarms = {
    for name, alarm in {
      rejected = {
        metric      = "Rejected"
        description = "Events were rejected. The attributes of the messages on <name>-rejected contain the reasons."
      }
      archive-failures = {
        metric      = "Failed"
        description = "Events could not be written and will be retried. The log of <name>-archive shows the cause."
      }
      extraction-failures = {
        metric      = "ExtractionFailures"
        description = "Spokes report failed metrics. The table <name>-spokes shows which, and why."
      }
      silent-spokes = {
        metric = "SilentSpokes"
        description = join(" ", [
          "Registered spokes have not answered within silent_after hours, or, if data is insufficient, the detection does not run.",
          "The log of <name>-watch lists them.",
        ])
      }
      } : name => {
      description = alarm.description
      namespace   = "DSDashboard"
      metric      = alarm.metric
      dimensions  = { Name = "<name>" }
      statistic   = alarm.metric == "SilentSpokes" ? "Maximum" : "Sum"
    }
  }

  age_alarms = {
    events-too-old = {
      description = "Events wait for more than 15 minutes. Raise archive_concurrency, or find out why <name>-archive does not read its queue."
      namespace   = "AWS/SQS"
      metric      = "ApproximateAgeOfOldestMessage"
      dimensions  = { QueueName = "<name>-events" }
      statistic   = "Maximum"
    }
    # The queue's own metric leaves out messages that were received three times, and so events that keep failing.
    events-keep-failing = {
      description = "Events have failed for more than 15 minutes and will become dead letters. The log of <name>-archive shows the cause."
      namespace   = "DSDashboard"
      metric      = "OldestRetriedEventAge"
      dimensions  = { Name = "<name>" }
      statistic   = "Maximum"
    }
  }

  alarms = merge(local.queue_alarms, local.rule_alarms, local.function_alarms, local.counted_alarms, local.age_alarms)

  # Other alarms have a period of five minutes and a threshold of zero.
  # The queue retries after six minutes, so a period of ten has a retry in it.
  alarm_periods    = { silent-spokes = 3600, events-keep-failing = 600 }
  alarm_thresholds = { events-too-old = 900, events-keep-failing = 900 }
  # The watch function always emits this metric. Missing data means that it does not run, which also needs a notification.
  always_counted = ["silent-spokes"]
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = {
    for name, alarm in local.alarms : name => alarm
    if !contains(var.disabled_alarms, name) && (var.report != null || !startswith(name, "report-"))
  }

  alarm_name                = "${var.name}-hub-${each.key}"
  alarm_description         = "${replace(each.value.description, "<name>", var.name)} Runbook: docs/runbook.md#hub-${each.key}"
  namespace                 = each.value.namespace
  metric_name               = each.value.metric
  dimensions                = { for name, value in each.value.dimensions : name => replace(value, "<name>", var.name) }
  statistic                 = each.value.statistic
  period                    = lookup(local.alarm_periods, each.key, 300)
  threshold                 = lookup(local.alarm_thresholds, each.key, 0)
  comparison_operator       = "GreaterThanThreshold"
  evaluation_periods        = 1
  treat_missing_data        = contains(local.always_counted, each.key) ? "missing" : "notBreaching"
  actions_enabled           = true
  alarm_actions             = var.alarm_actions
  ok_actions                = var.alarm_actions
  insufficient_data_actions = contains(local.always_counted, each.key) ? var.alarm_actions : []
  tags                      = var.tags

  depends_on = [aws_scheduler_schedule_group.this]
}
