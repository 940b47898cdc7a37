# Asks spokes for fresh values: when called, and on var.refresh_schedule.

locals {
  refresh = {
    description = "Asks the spokes for fresh values, with one event on the hub's bus."
    handler     = "ds_dashboard.handlers.refresh.handler"
    timeout     = 30
    memory      = 256
    encrypts    = false
    environment = {
      DS_DASHBOARD_EVENT_BUS = local.bus_name
    }
    statements = [
      { Action = ["events:PutEvents"], Resource = [local.bus_arn] },
      { Action = ["sqs:SendMessage"], Resource = [local.queue_arns["function-dead-letters"]] },
    ]
  }
}

resource "aws_scheduler_schedule" "refresh" {
  #checkov:skip=CKV_AWS_297:A schedule's input is a constant without anything to hide, and a key would be one more grant to miss.
  count = var.refresh_schedule == null ? 0 : 1

  name                = "${var.name}-refresh"
  description         = "Asks all spokes for fresh values."
  group_name          = aws_scheduler_schedule_group.this.name
  schedule_expression = var.refresh_schedule

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.functions["refresh"].arn
    role_arn = aws_iam_role.schedule.arn
    # By the scheduled time, a schedule delivered twice is one refresh. Not jsonencode: it escapes < and >, and Scheduler
    # would not find its keyword.
    input = "{\"RefreshId\":\"schedule-<aws.scheduler.scheduled-time>\"}"

    dead_letter_config {
      arn = aws_sqs_queue.dead_letters["function-dead-letters"].arn
    }
    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 10
    }
  }
}
