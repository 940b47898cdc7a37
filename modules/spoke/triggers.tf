# The triggers of an extraction: a refresh on the spoke's bus, and the schedule.

resource "aws_cloudwatch_event_rule" "extraction" {
  name           = local.extraction_rule
  description    = "Refreshes, which have no MetricName. The bus policy controls who can send them."
  event_bus_name = aws_cloudwatch_event_bus.this.name
  event_pattern = jsonencode({
    source        = ["metric_extractor"]
    "detail-type" = ["metric_extractor"]
    detail        = { MetricName = [{ exists = false }] }
  })
  state = "ENABLED"
  tags  = var.tags
}

resource "aws_cloudwatch_event_target" "extraction" {
  event_bus_name = aws_cloudwatch_event_bus.this.name
  rule           = aws_cloudwatch_event_rule.extraction.name
  target_id      = "extract"
  arn            = aws_lambda_function.extractor.arn

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters["spoke-dead-letters"].arn
  }
  # A refresh that is an hour old is out of date.
  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 60
  }

  depends_on = [aws_lambda_permission.extraction]
}

resource "aws_lambda_permission" "extraction" {
  statement_id  = "ExtractionRule"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.extractor.id # unknown while the function is replaced: see its on-failure destination
  principal     = "events.amazonaws.com"
  source_arn    = local.rule_arn
}

locals {
  # A window is only used if it is small compared to the interval: for hourly or less frequent schedules, at a fixed minute.
  rate        = try(regex(local.patterns.rate, var.schedule_expression), null)
  cron_minute = try(regex(local.patterns.cron_minute, var.schedule_expression)[0], "")
  spread      = local.rate == null ? can(tonumber(local.cron_minute)) : local.rate[1] != "minute" || tonumber(local.rate[0]) >= 60
  schedules   = var.schedule_expression == null ? 0 : 1
}

# The group has tags, which schedules do not support.
resource "aws_scheduler_schedule_group" "this" {
  count = local.schedules

  name = "${var.name}-spoke"
  tags = var.tags

  depends_on = [aws_iam_role.extractor]
}

resource "aws_scheduler_schedule" "extraction" {
  #checkov:skip=CKV_AWS_297:The input of the schedule is a constant that is not secret; a key would be one more grant to miss.
  count = local.schedules

  name                = "${var.name}-extract"
  description         = "Extracts the metrics of ${var.project_name}/${var.environment}."
  group_name          = aws_scheduler_schedule_group.this[0].id # unknown while the group is replaced, which deletes the schedule
  schedule_expression = var.schedule_expression
  state               = "ENABLED"

  # Prevents a thousand spokes with the same cron expression from starting within one second.
  flexible_time_window {
    mode                      = local.spread ? "FLEXIBLE" : "OFF"
    maximum_window_in_minutes = local.spread ? 15 : null
  }

  target {
    arn      = aws_lambda_function.extractor.arn
    role_arn = aws_iam_role.schedule[0].arn
    # With the scheduled time as its ID, a schedule that is delivered twice is one run. jsonencode would escape < and >, and
    # Scheduler would not find its keyword.
    input = "{\"source\":\"metric_extractor\",\"detail-type\":\"metric_extractor\",\"resources\":[],\"detail\":{\"RefreshId\":\"schedule-<aws.scheduler.scheduled-time>\"}}"

    dead_letter_config {
      arn = aws_sqs_queue.dead_letters["spoke-dead-letters"].arn
    }
    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 10
    }
  }

  # The policy must exist before the first invocation and until the last one.
  depends_on = [aws_iam_role_policy.schedule]
}

resource "aws_iam_role" "schedule" {
  count = local.schedules

  name                 = "${var.name}-${local.region}-spoke-schedule"
  path                 = var.iam_path
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "scheduler.amazonaws.com" }
      Action    = "sts:AssumeRole"
      # Without aws:SourceArn: AWS documents the group's ARN as its value, but there are reports that CreateSchedule then rejects
      # the role.
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })

  depends_on = [aws_iam_role.extractor]
}

resource "aws_iam_role_policy" "schedule" {
  count = local.schedules

  name = "schedule"
  role = aws_iam_role.schedule[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["lambda:InvokeFunction"], Resource = [local.function_arn] },
      { Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [local.queue_arns["spoke-dead-letters"]] },
    ]
  })
}
