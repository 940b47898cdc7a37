locals {
  environment = merge(
    {
      DS_DASHBOARD_NAME             = var.name
      DS_DASHBOARD_PROJECT_NAME     = var.project_name
      DS_DASHBOARD_ENVIRONMENT      = var.environment
      DS_DASHBOARD_EVENT_BUS        = local.bus_name
      DS_DASHBOARD_METRICS          = jsonencode(local.metrics)
      DS_DASHBOARD_METRIC_INSTANCES = jsonencode(local.instances)
      DS_DASHBOARD_HISTORICAL_DAYS  = tostring(var.historical_days)
      DS_DASHBOARD_SCHEDULE         = var.schedule_expression == null ? "" : var.schedule_expression
    },
    { for hash in compact([local.code_hash]) : "DS_DASHBOARD_PACKAGE_SHA256" => hash }, # for `ds-dashboard doctor`
  )
  # Lambda limits the size of their JSON in bytes. base64encode counts bytes: four characters for each three of them.
  environment_bytes = floor(length(base64encode(jsonencode(local.environment))) / 4) * 3
}

resource "aws_cloudwatch_log_group" "extractor" {
  #checkov:skip=CKV_AWS_338:The retention is configurable, var.log_retention_days.
  #checkov:skip=CKV_AWS_158:A customer-managed key is optional, var.kms_key_arn; without it CloudWatch uses its own.
  name              = local.log_group_name
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags

  depends_on = [aws_iam_role.extractor]
}

resource "aws_lambda_function" "extractor" {
  #checkov:skip=CKV_AWS_50:IDs in the logs trace a value from spoke to table; X-Ray would add a permission and a cost.
  #checkov:skip=CKV_AWS_115:It runs once per refresh or schedule; a reservation would reduce the pool of the account.
  #checkov:skip=CKV_AWS_116:It has an on-failure destination, which has more context than a dead-letter queue.
  #checkov:skip=CKV_AWS_117:It calls AWS APIs only; a VPC is optional, var.vpc_config.
  #checkov:skip=CKV_AWS_173:The variables are names and arguments of metrics, encrypted with a key of AWS or with var.kms_key_arn.
  #checkov:skip=CKV_AWS_272:The package is pinned by its hash; companies can use code signing with package_s3.
  function_name = local.function_name
  description   = "Computes the metrics of ${var.project_name}/${var.environment} and emits one event for each."
  role          = aws_iam_role.extractor.arn
  handler       = "ds_dashboard.handlers.extract.handler"
  runtime       = "python3.13"
  architectures = [var.architecture]
  layers        = var.layers
  timeout       = var.timeout_seconds
  memory_size   = var.memory_mb
  kms_key_arn   = var.kms_key_arn
  tags          = var.tags

  filename          = local.from_s3 ? null : local.package_path
  source_code_hash  = local.code_hash
  s3_bucket         = try(var.package_s3.bucket, null)
  s3_key            = try(var.package_s3.key, null)
  s3_object_version = try(var.package_s3.version, null)

  environment {
    variables = local.environment
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.extractor.name
  }

  dynamic "vpc_config" {
    for_each = var.vpc_config == null ? [] : [var.vpc_config]
    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  # The policies must exist before the first invocation and until the last one.
  depends_on = [aws_iam_role_policy.metrics, aws_iam_role_policy.runtime]

  lifecycle {
    # AWS's own key for the environment is granted to the unique ID of a role.
    replace_triggered_by = [aws_iam_role.extractor.unique_id]
  }
}

# No rule's dead-letter queue receives an asynchronous invocation that was accepted and failed. This destination does. There are
# no retries: the next extraction is worth more than a late one.
resource "aws_lambda_function_event_invoke_config" "extractor" {
  # Lambda deletes it with the function. The ID is unknown while the function is replaced, and so both are replaced. With several
  # -replace options, Terraform sometimes ignores replace_triggered_by.
  function_name                = aws_lambda_function.extractor.id
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = 3600

  destination_config {
    on_failure {
      destination = aws_sqs_queue.dead_letters["spoke-dead-letters"].arn
    }
  }
}
