# The report function writes all newest values as one HTML file, and as CSV, to a private bucket.

locals {
  # As in ds_dashboard/identity.py. The hash is of what makes the name unique: names of buckets are global.
  report_bucket     = "${lower(var.name)}-report-${substr(sha256("${local.account}/${local.region}"), 0, 12)}"
  report_bucket_arn = "arn:${local.partition}:s3:::${local.report_bucket}"

  report = {
    description = "Writes the report of all newest values to ${local.report_bucket}."
    handler     = "ds_dashboard.handlers.report.handler"
    timeout     = 900
    memory      = 1769 # one virtual processor, and space for 20,000 series
    encrypts    = false
    decrypts    = ["dynamodb", "lambda"] # the tables, and its environment
    environment = merge(
      {
        DS_DASHBOARD_REPORT_BUCKET           = local.report_bucket
        DS_DASHBOARD_MONITORED_PROJECTS_PATH = var.monitored_projects_path
        DS_DASHBOARD_SILENT_AFTER_HOURS      = tostring(var.silent_after)
      },
      { for projects in [try(var.report.projects, null)] : "DS_DASHBOARD_REPORT_PROJECTS" => jsonencode(projects) if projects != null },
    )
    statements = concat(
      local.pages_statements,
      [
        { Action = ["s3:PutObject"], Resource = ["${local.report_bucket_arn}/*"] },
        { Action = ["sqs:SendMessage"], Resource = [local.queue_arns["function-dead-letters"]] },
      ],
      [
        for key in local.kms_keys : {
          Action    = ["kms:GenerateDataKey"]
          Resource  = [key]
          Condition = { StringEquals = { "kms:ViaService" = local.via_service["s3"] } }
        }
      ],
    )
  }
}

resource "aws_s3_bucket" "report" {
  #checkov:skip=CKV_AWS_18:Access logs need a second bucket; CloudTrail's data events show who reads the report.
  #checkov:skip=CKV_AWS_144:The report is written again on each run, from tables that have backups.
  #checkov:skip=CKV_AWS_145:A customer-managed key is optional, var.kms_key_arn; without it S3 uses its own.
  #checkov:skip=CKV2_AWS_62:Nothing acts on a new report.
  count = var.report == null ? 0 : 1

  bucket        = local.report_bucket
  force_destroy = !var.deletion_protection # the report can be written again, unlike the tables
  tags          = var.tags

  depends_on = [aws_scheduler_schedule_group.this]
}

resource "aws_s3_bucket_public_access_block" "report" {
  count = var.report == null ? 0 : 1

  bucket                  = aws_s3_bucket.report[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "report" {
  count = var.report == null ? 0 : 1

  bucket = aws_s3_bucket.report[0].id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "report" {
  count = var.report == null ? 0 : 1

  bucket = aws_s3_bucket.report[0].id
  rule {
    bucket_key_enabled = var.kms_key_arn != null
    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "report" {
  count = var.report == null ? 0 : 1

  bucket = aws_s3_bucket.report[0].id
  rule {
    id     = "earlier-reports"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days = 30
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  # S3 rejects a rule for versions that do not exist.
  depends_on = [aws_s3_bucket_versioning.report]
}

resource "aws_s3_bucket_policy" "report" {
  count = var.report == null ? 0 : 1

  bucket = aws_s3_bucket.report[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "EncryptedConnectionsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [local.report_bucket_arn, "${local.report_bucket_arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  # S3 rejects two changes of a bucket's access at the same time.
  depends_on = [aws_s3_bucket_public_access_block.report]
}

resource "aws_scheduler_schedule" "report" {
  #checkov:skip=CKV_AWS_297:The input of the schedule is a constant that is not secret; a key would be one more grant to miss.
  count = var.report == null ? 0 : 1

  name                = "${var.name}-report"
  description         = "Writes the report."
  group_name          = aws_scheduler_schedule_group.this.id # unknown while the group is replaced, which deletes the schedule
  schedule_expression = var.report.schedule
  state               = "ENABLED"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.functions["report"].arn
    role_arn = aws_iam_role.schedule.arn
    input    = "{}"

    dead_letter_config {
      arn = aws_sqs_queue.dead_letters["function-dead-letters"].arn
    }
    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 3
    }
  }

  # The policy must exist before the first invocation and until the last one. The bucket too, with its protection.
  depends_on = [aws_iam_role_policy.schedule, aws_s3_bucket_policy.report, aws_s3_bucket_versioning.report, aws_s3_bucket_server_side_encryption_configuration.report]
}
