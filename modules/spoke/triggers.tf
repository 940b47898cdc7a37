# What starts an extraction: a refresh on the spoke's bus, and the schedule.

resource "aws_cloudwatch_event_rule" "extraction" {
  name           = local.extraction_rule
  description    = "Refreshes; a result has a MetricName. Who may put them on this bus, the bus's policy says."
  event_bus_name = aws_cloudwatch_event_bus.this.name
  event_pattern = jsonencode({
    source        = ["metric_extractor"]
    "detail-type" = ["metric_extractor"]
    detail        = { MetricName = [{ exists = false }] }
  })
  tags = var.tags
}

resource "aws_cloudwatch_event_target" "extraction" {
  event_bus_name = aws_cloudwatch_event_bus.this.name
  rule           = aws_cloudwatch_event_rule.extraction.name
  target_id      = "extract"
  arn            = aws_lambda_function.extractor.arn

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters["spoke-dead-letters"].arn
  }
  # A refresh that is an hour old has been overtaken.
  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 60
  }

  depends_on = [aws_lambda_permission.extraction]
}

resource "aws_lambda_permission" "extraction" {
  statement_id  = "ExtractionRule"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.extractor.function_name
  principal     = "events.amazonaws.com"
  source_arn    = local.rule_arn
}

locals {
  # A window that is small against the time between two runs: hourly or less often, at a given minute.
  rate        = try(regex("^rate\\(\\s*(\\d+)\\s+(minute|hour|day)s?\\s*\\)$", var.schedule_expression), null)
  cron_minute = try(regex("^cron\\(\\s*(\\S+)", var.schedule_expression)[0], "")
  spread      = local.rate == null ? can(tonumber(local.cron_minute)) : local.rate[1] != "minute" || tonumber(local.rate[0]) >= 60
  schedules   = var.schedule_expression == null ? 0 : 1
}

# A group of its own gives the role a source to be pinned to, and takes the tags that schedules do not take.
resource "aws_scheduler_schedule_group" "this" {
  count = local.schedules

  name = "${var.name}-spoke"
  tags = var.tags
}

resource "aws_scheduler_schedule" "extraction" {
  #checkov:skip=CKV_AWS_297:A schedule's input is a constant without anything to hide, and a key would be one more grant to miss.
  count = local.schedules

  name                = "${var.name}-extract"
  description         = "Extracts the metrics of ${var.project_name}/${var.environment}."
  group_name          = aws_scheduler_schedule_group.this[0].name
  schedule_expression = var.schedule_expression

  # So that a thousand spokes on one cron expression do not start in one second.
  flexible_time_window {
    mode                      = local.spread ? "FLEXIBLE" : "OFF"
    maximum_window_in_minutes = local.spread ? 15 : null
  }

  target {
    arn      = aws_lambda_function.extractor.arn
    role_arn = aws_iam_role.schedule[0].arn
    # By the scheduled time, a schedule delivered twice is one run. Not jsonencode: it escapes < and >, and Scheduler would
    # not find its keyword.
    input = "{\"source\":\"metric_extractor\",\"detail-type\":\"metric_extractor\",\"resources\":[],\"detail\":{\"RefreshId\":\"schedule-<aws.scheduler.scheduled-time>\"}}"

    dead_letter_config {
      arn = aws_sqs_queue.dead_letters["spoke-dead-letters"].arn
    }
    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 10
    }
  }
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
      Condition = {
        StringEquals = {
          "aws:SourceAccount" = local.account
          "aws:SourceArn"     = "arn:${local.partition}:scheduler:${local.region}:${local.account}:schedule-group/${var.name}-spoke"
        }
      }
    }]
  })
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
