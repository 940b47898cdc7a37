# Compares once an hour who is registered with who answered, since a spoke that is gone sends nothing that could be counted.

locals {
  watch = {
    description = "Counts registered spokes that have been silent for too long."
    handler     = "ds_dashboard.handlers.watch.handler"
    timeout     = 60
    memory      = 256
    encrypts    = false
    environment = {
      DS_DASHBOARD_SPOKES_TABLE            = "${var.name}-spokes"
      DS_DASHBOARD_LATEST_TABLE            = "${var.name}-latest"
      DS_DASHBOARD_MONITORED_PROJECTS_PATH = var.monitored_projects_path
      DS_DASHBOARD_SILENT_AFTER_HOURS      = tostring(var.silent_after)
    }
    statements = [
      # Parameter Store checks this action against the path itself.
      { Action = ["ssm:GetParametersByPath"], Resource = [local.registry_arn] },
      { Action = ["dynamodb:Scan"], Resource = [local.table_arns["spokes"]] },
      { Action = ["dynamodb:Query"], Resource = [local.table_arns["latest"]] },
      { Action = ["sqs:SendMessage"], Resource = [local.queue_arns["function-dead-letters"]] },
    ]
  }
}

resource "aws_scheduler_schedule" "watch" {
  #checkov:skip=CKV_AWS_297:A schedule's input is a constant without anything to hide, and a key would be one more grant to miss.
  name                = "${var.name}-watch"
  description         = "Looks for silent spokes."
  group_name          = aws_scheduler_schedule_group.this.name
  schedule_expression = "rate(1 hour)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.functions["watch"].arn
    role_arn = aws_iam_role.schedule.arn
    input    = "{}"

    dead_letter_config {
      arn = aws_sqs_queue.dead_letters["function-dead-letters"].arn
    }
    # The next hour looks again.
    retry_policy {
      maximum_event_age_in_seconds = 900
      maximum_retry_attempts       = 3
    }
  }
}
