# The archive function reads the queue, validates events against the registry of spokes, and writes them to the tables.

locals {
  archive = {
    description = "Validates events from spokes and writes them to the tables."
    handler     = "ds_dashboard.handlers.archive.handler"
    timeout     = 60
    memory      = 512
    encrypts    = true                          # the rejected queue
    decrypts    = ["dynamodb", "lambda", "sqs"] # the tables, its environment, and the queues
    environment = merge(local.threshold_environment, local.totals_environment, {
      DS_DASHBOARD_HISTORY_TABLE           = "${var.name}-metrics"
      DS_DASHBOARD_LATEST_TABLE            = "${var.name}-latest"
      DS_DASHBOARD_SPOKES_TABLE            = "${var.name}-spokes"
      DS_DASHBOARD_REJECTED_QUEUE_URL      = aws_sqs_queue.dead_letters["rejected"].url
      DS_DASHBOARD_MONITORED_PROJECTS_PATH = var.monitored_projects_path
      DS_DASHBOARD_RETENTION_DAYS          = var.retention_days == null ? "" : tostring(var.retention_days)
    })
    statements = concat([
      { Action = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"], Resource = [local.queue_arns["events"]] },
      { Action = ["sqs:SendMessage"], Resource = [local.queue_arns["rejected"]] },
      { Action = ["ssm:GetParameters"], Resource = ["${local.registry_arn}/*"] },
      { Action = ["dynamodb:PartiQLInsert"], Resource = [local.table_arns["metrics"]] },
      { Action = ["dynamodb:Query"], Resource = [local.table_arns["metrics"], "${local.table_arns["metrics"]}/index/BySeries"] },
      { Action = ["dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate"], Resource = [local.table_arns["latest"]] },
      { Action = ["dynamodb:GetItem", "dynamodb:UpdateItem"], Resource = [local.table_arns["spokes"]] },
    ], local.threshold_statements, local.totals_statements)
  }
}

resource "aws_lambda_event_source_mapping" "archive" {
  event_source_arn        = aws_sqs_queue.events.arn
  function_name           = aws_lambda_function.functions["archive"].arn
  function_response_types = ["ReportBatchItemFailures"]
  enabled                 = true
  tags                    = var.tags

  # All spokes answer a refresh at the same time. A window of one second turns a hundred invocations into one, and PartiQL
  # writes 25 items per call. The spokes themselves take longer than that.
  batch_size                         = 100
  maximum_batching_window_in_seconds = 1

  scaling_config {
    maximum_concurrency = var.archive_concurrency
  }

  lifecycle {
    # While the function is replaced, events wait in the queue instead of failing.
    replace_triggered_by = [aws_lambda_function.functions["archive"].id]
  }
}
