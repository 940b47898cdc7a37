locals {
  # <name> stands for var.name. The alarms' own names do not depend on any variable, because var.disabled_alarms is validated
  # against them.
  alarms = merge(
    {
      for queue in local.queue_names : "${trimprefix(queue, "spoke-")}-not-empty" => {
        description = "There are messages on <name>-${queue}. Look at them, fix the cause and redrive them."
        namespace   = "AWS/SQS"
        metric      = "ApproximateNumberOfMessagesVisible"
        dimensions  = { QueueName = "<name>-${queue}" }
        statistic   = "Maximum"
      }
    },
    {
      for name, alarm in {
        extraction-rule-failures = {
          metric      = "FailedInvocations"
          description = "EventBridge could not start an extraction. Check the resource policy of the function <name>-extract."
        }
        extraction-rule-letters-lost = {
          metric = "InvocationsFailedToBeSentToDlq"
          description = join(" ", [
            "EventBridge could not write dead letters of the extraction rule: refreshes are lost.",
            "Check the policy of <name>-spoke-dead-letters, and for events larger than queue_max_message_size.",
          ])
        }
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
        extraction-errors  = { metric = "Errors", description = "Extractions failed as a whole." }
        extraction-dropped = { metric = "AsyncEventsDropped", description = "Accepted refreshes were not completed." }
        } : name => {
        description = "${alarm.description} The log group /aws/lambda/<name>-extract shows the cause."
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
  alarm_description   = "${replace(each.value.description, "<name>", var.name)} Runbook: docs/runbook.md#spoke-${each.key}"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = { for name, value in each.value.dimensions : name => replace(value, "<name>", var.name) }
  statistic           = each.value.statistic
  period              = 300
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  actions_enabled     = true
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags

  depends_on = [aws_iam_role.extractor]
}
