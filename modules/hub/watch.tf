# The watch function compares registered spokes with their last responses every hour. A spoke that is gone emits nothing to count.
# It also publishes the sums of cloudwatch.tf.

locals {
  watch = {
    description = "Counts registered spokes that have not answered within silent_after hours."
    handler     = "ds_dashboard.handlers.watch.handler"
    timeout     = 60
    memory      = 256
    encrypts    = false
    decrypts    = ["dynamodb", "lambda"] # the tables, and its environment
    environment = merge(local.totals_environment, {
      DS_DASHBOARD_SPOKES_TABLE            = "${var.name}-spokes"
      DS_DASHBOARD_LATEST_TABLE            = "${var.name}-latest"
      DS_DASHBOARD_MONITORED_PROJECTS_PATH = var.monitored_projects_path
      DS_DASHBOARD_SILENT_AFTER_HOURS      = tostring(var.silent_after)
    })
    statements = concat([
      # Parameter Store authorizes this action on the path itself.
      { Action = ["ssm:GetParametersByPath"], Resource = [local.registry_arn] },
      { Action = ["dynamodb:Scan"], Resource = [local.table_arns["spokes"]] },
      { Action = ["dynamodb:Query"], Resource = [local.table_arns["latest"]] },
      { Action = ["sqs:SendMessage"], Resource = [local.queue_arns["function-dead-letters"]] },
    ], local.totals_statements)
  }
}

resource "aws_scheduler_schedule" "watch" {
  #checkov:skip=CKV_AWS_297:The input of the schedule is a constant that is not secret; a key would be one more grant to miss.
  name                = "${var.name}-watch"
  description         = "Detects silent spokes."
  group_name          = aws_scheduler_schedule_group.this.id # unknown while the group is replaced, which deletes the schedule
  schedule_expression = "rate(1 hour)"
  state               = "ENABLED"

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
    # The next run is an hour later.
    retry_policy {
      maximum_event_age_in_seconds = 900
      maximum_retry_attempts       = 3
    }
  }

  # The policy must exist before the first invocation and until the last one.
  depends_on = [aws_iam_role_policy.schedule]
}
