locals {
  alarms = merge(
    {
      for queue in keys(local.senders) : "${trimprefix(queue, "spoke-")}-not-empty" => {
        description = "There are messages on ${var.name}-${queue}. Look at them, mend the cause, redrive them: docs/runbook.md."
        namespace   = "AWS/SQS"
        metric      = "ApproximateNumberOfMessagesVisible"
        dimensions  = { QueueName = "${var.name}-${queue}" }
        statistic   = "Maximum"
      }
    },
    {
      for metric in ["FailedInvocations", "InvocationsFailedToBeSentToDlq"] : "extraction-rule-${metric}" => {
        description = "EventBridge could not start the extraction (${metric}). Check the permission of ${local.function_name}."
        namespace   = "AWS/Events"
        metric      = metric
        dimensions  = { EventBusName = local.bus_name, RuleName = local.extraction_rule }
        statistic   = "Sum"
      }
    },
    {
      for metric in ["Errors", "AsyncEventsDropped"] : "extract-${metric}" => {
        description = "Extractions of ${var.project_name}/${var.environment} ended without an answer (${metric}). Log group ${local.log_group_name} says why."
        namespace   = "AWS/Lambda"
        metric      = metric
        dimensions  = { FunctionName = local.function_name }
        statistic   = "Sum"
      }
    },
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-spoke-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
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
