locals {
  # <name> stands for var.name, so that the alarms' own names rest on no variable: var.disabled_alarms is checked against them.
  alarms = merge(
    {
      for queue in local.queue_names : "${trimprefix(queue, "spoke-")}-not-empty" => {
        description = "There are messages on <name>-${queue}. Look at them, mend the cause, redrive them."
        namespace   = "AWS/SQS"
        metric      = "ApproximateNumberOfMessagesVisible"
        dimensions  = { QueueName = "<name>-${queue}" }
        statistic   = "Maximum"
      }
    },
    {
      for name, alarm in {
        extraction-rule-failures     = { metric = "FailedInvocations", description = "EventBridge could not start the extraction. Check the permission of <name>-extract." }
        extraction-rule-letters-lost = { metric = "InvocationsFailedToBeSentToDlq", description = "EventBridge could not even keep a dead letter of the extraction's rule: refreshes are lost. Check the policy of <name>-spoke-dead-letters." }
        } : name => {
        description = alarm.description
        namespace   = "AWS/Events"
        metric      = alarm.metric
        dimensions  = { EventBusName = "<name>-spoke", RuleName = "<name>-extract" }
        statistic   = "Sum"
      }
    },
    {
      for name, alarm in {
        extraction-errors  = { metric = "Errors", description = "Extractions ended without an answer." }
        extraction-dropped = { metric = "AsyncEventsDropped", description = "Refreshes that were accepted were never answered." }
        } : name => {
        description = "${alarm.description} The log group /aws/lambda/<name>-extract says why."
        namespace   = "AWS/Lambda"
        metric      = alarm.metric
        dimensions  = { FunctionName = "<name>-extract" }
        statistic   = "Sum"
      }
    },
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = { for name, alarm in local.alarms : name => alarm if !contains(var.disabled_alarms, name) }

  alarm_name          = "${var.name}-spoke-${each.key}"
  alarm_description   = "${replace(each.value.description, "<name>", var.name)} What to do: docs/runbook.md#spoke-${each.key}"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = { for name, value in each.value.dimensions : name => replace(value, "<name>", var.name) }
  statistic           = each.value.statistic
  period              = 300
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}
