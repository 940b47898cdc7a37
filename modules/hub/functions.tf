# The hub's functions: one package, and one role each. Their differences are in archive.tf, refresh.tf, watch.tf, report.tf and
# dashboard.tf.

locals {
  # The roles of functions that only some hubs have.
  optional_roles = [for role, exists in { report = var.report != null, widget = var.dashboard } : role if exists]
  # Whoever invokes these does not wait for the end. The console waits for the widget.
  asynchronous_roles = concat(["refresh", "watch"], [for role in local.optional_roles : role if role != "widget"])

  functions = merge(
    {
      archive = local.archive
      refresh = local.refresh
      watch   = local.watch
    },
    { for role, function in { report = local.report, widget = local.widget } : role => function if contains(local.optional_roles, role) },
  )

  # What pages read: the registered spokes, the newest values, and histories.
  pages_statements = [
    # Parameter Store authorizes this action on the path itself.
    { Action = ["ssm:GetParametersByPath"], Resource = [local.registry_arn] },
    { Action = ["dynamodb:Scan"], Resource = [local.table_arns["latest"], local.table_arns["spokes"]] },
    {
      Action   = ["dynamodb:Query"]
      Resource = [local.table_arns["latest"], local.table_arns["metrics"], "${local.table_arns["metrics"]}/index/BySeries"]
    },
  ]
}

resource "aws_cloudwatch_log_group" "functions" {
  #checkov:skip=CKV_AWS_338:The retention is configurable, var.log_retention_days.
  #checkov:skip=CKV_AWS_158:A customer-managed key is optional, var.kms_key_arn; without it CloudWatch uses its own.
  for_each = local.functions

  name              = "/aws/lambda/${var.name}-${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags

  depends_on = [aws_scheduler_schedule_group.this]
}

resource "aws_iam_role" "functions" {
  for_each = local.functions

  # IAM is global: without the region, a second region of the same account would need the same name.
  name                 = "${var.name}-${local.region}-${each.key}"
  path                 = var.iam_path
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })

  depends_on = [aws_scheduler_schedule_group.this]
}

resource "aws_iam_role_policy" "functions" {
  for_each = local.functions

  name = each.key
  role = aws_iam_role.functions[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for statement in concat(
      each.value.statements,
      # Without logs:CreateLogGroup: this module creates the groups, with their retention.
      [{ Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = ["${local.log_group_arns[each.key]}:*"] }],
      # Only for what the services decrypt: the function itself has nothing to decrypt.
      [
        for key in local.kms_keys : {
          Action    = ["kms:Decrypt"]
          Resource  = [key]
          Condition = { StringEquals = { "kms:ViaService" = flatten([for service in each.value.decrypts : local.via_service[service]]) } }
        }
      ],
      [
        for key in each.value.encrypts ? local.kms_keys : [] : {
          Action    = ["kms:GenerateDataKey"]
          Resource  = [key]
          Condition = { StringEquals = { "kms:ViaService" = local.via_service["sqs"] } }
        }
      ],
    ) : merge({ Effect = "Allow" }, statement)]
  })
}

resource "aws_lambda_function" "functions" {
  #checkov:skip=CKV_AWS_50:IDs in the logs trace a value from spoke to table; X-Ray would add a permission and a cost.
  #checkov:skip=CKV_AWS_115:The queue limits the archive's concurrency; a reservation would reduce the account's pool.
  #checkov:skip=CKV_AWS_116:Asynchronous functions have an on-failure destination, which has more context than a dead-letter queue.
  #checkov:skip=CKV_AWS_117:The functions call AWS APIs only; a VPC would add a NAT gateway and protect nothing.
  #checkov:skip=CKV_AWS_173:The variables are names and paths, encrypted with a key of AWS or with var.kms_key_arn.
  #checkov:skip=CKV_AWS_272:The package is pinned by its hash; companies can use code signing with package_s3.
  for_each = local.functions

  function_name = "${var.name}-${each.key}"
  description   = each.value.description
  role          = aws_iam_role.functions[each.key].arn
  handler       = each.value.handler
  runtime       = "python3.13"
  architectures = [var.architecture]
  timeout       = each.value.timeout
  memory_size   = each.value.memory
  kms_key_arn   = var.kms_key_arn
  tags          = var.tags

  filename          = local.from_s3 ? null : local.package_path
  source_code_hash  = local.code_hash
  s3_bucket         = try(var.package_s3.bucket, null)
  s3_key            = try(var.package_s3.key, null)
  s3_object_version = try(var.package_s3.version, null)

  environment {
    variables = merge(
      { DS_DASHBOARD_NAME = var.name },
      { for hash in compact([local.code_hash]) : "DS_DASHBOARD_PACKAGE_SHA256" => hash }, # for `ds-dashboard doctor`
      each.value.environment,
    )
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.functions[each.key].name
  }

  # The policy must exist before the first invocation and until the last one.
  depends_on = [aws_iam_role_policy.functions]

  lifecycle {
    # AWS's own key for the environment is granted to the unique ID of a role.
    replace_triggered_by = [aws_iam_role.functions[each.key].unique_id]
  }
}

# No rule's dead-letter queue receives an asynchronous invocation that was accepted and failed. This destination does.
resource "aws_lambda_function_event_invoke_config" "functions" {
  for_each = toset(local.asynchronous_roles)

  # Lambda deletes it with the function. The ID is unknown while the function is replaced, and so both are replaced. With several
  # -replace options, Terraform sometimes ignores replace_triggered_by.
  function_name                = aws_lambda_function.functions[each.key].id
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = 3600

  destination_config {
    on_failure {
      destination = aws_sqs_queue.dead_letters["function-dead-letters"].arn
    }
  }
}
