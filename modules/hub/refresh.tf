# The refresh function requests fresh values from spokes, on demand and on var.refresh_schedule.

locals {
  refresh = {
    description = "Requests fresh values from spokes, with one event on the hub's bus."
    handler     = "ds_dashboard.handlers.refresh.handler"
    timeout     = 30
    memory      = 256
    encrypts    = false
    decrypts    = ["lambda"] # its environment
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
  #checkov:skip=CKV_AWS_297:The input of the schedule is a constant that is not secret; a key would be one more grant to miss.
  count = var.refresh_schedule == null ? 0 : 1

  name                = "${var.name}-refresh"
  description         = "Requests fresh values from all spokes."
  group_name          = aws_scheduler_schedule_group.this.id # unknown while the group is replaced, which deletes the schedule
  schedule_expression = var.refresh_schedule
  state               = "ENABLED"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.functions["refresh"].arn
    role_arn = aws_iam_role.schedule.arn
    # With the scheduled time as its ID, a schedule that is delivered twice is one refresh. jsonencode would escape < and >, and
    # Scheduler would not find its keyword.
    input = "{\"RefreshId\":\"schedule-<aws.scheduler.scheduled-time>\"}"

    dead_letter_config {
      arn = aws_sqs_queue.dead_letters["function-dead-letters"].arn
    }
    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 10
    }
  }

  # The policy must exist before the first invocation and until the last one.
  depends_on = [aws_iam_role_policy.schedule]
}
