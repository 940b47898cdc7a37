# The tables are deleted before the queues: with deletion protection, a destroy fails here, and the messages are kept too.

# History: every value that arrived.
resource "aws_dynamodb_table" "history" {
  #checkov:skip=CKV_AWS_119:A customer-managed key is optional, var.kms_key_arn; the default is a key that AWS owns, at no cost.
  name                        = "${var.name}-metrics"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "MetricName"
  range_key                   = "ExtractionDate"
  deletion_protection_enabled = var.deletion_protection
  tags                        = var.tags

  attribute {
    name = "MetricName"
    type = "S"
  }
  attribute {
    name = "ExtractionDate"
    type = "S"
  }
  attribute {
    name = "Series"
    type = "S"
  }

  # The values of one metric of one spoke, in chronological order.
  global_secondary_index {
    name            = "BySeries"
    hash_key        = "Series"
    range_key       = "ExtractionDate"
    projection_type = "ALL"
  }

  ttl {
    attribute_name = "ExpiresAt"
    enabled        = true
  }
  point_in_time_recovery {
    enabled = true
  }
  server_side_encryption {
    enabled     = var.kms_key_arn != null
    kms_key_arn = var.kms_key_arn
  }

  depends_on = [aws_sqs_queue.dead_letters, aws_sqs_queue.events]
}

# The latest value of each metric, so that reading the current state does not read the history.
resource "aws_dynamodb_table" "latest" {
  #checkov:skip=CKV_AWS_119:A customer-managed key is optional, var.kms_key_arn; the default is a key that AWS owns, at no cost.
  name                        = "${var.name}-latest"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "Project"
  range_key                   = "MetricName"
  deletion_protection_enabled = var.deletion_protection
  tags                        = var.tags

  attribute {
    name = "Project"
    type = "S"
  }
  attribute {
    name = "MetricName"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }
  server_side_encryption {
    enabled     = var.kms_key_arn != null
    kms_key_arn = var.kms_key_arn
  }

  depends_on = [aws_sqs_queue.dead_letters, aws_sqs_queue.events]
}

# One item per spoke: when it last answered, what it runs, and what failed.
resource "aws_dynamodb_table" "spokes" {
  #checkov:skip=CKV_AWS_119:A customer-managed key is optional, var.kms_key_arn; the default is a key that AWS owns, at no cost.
  name                        = "${var.name}-spokes"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "Project"
  deletion_protection_enabled = var.deletion_protection
  tags                        = var.tags

  attribute {
    name = "Project"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }
  server_side_encryption {
    enabled     = var.kms_key_arn != null
    kms_key_arn = var.kms_key_arn
  }

  depends_on = [aws_sqs_queue.dead_letters, aws_sqs_queue.events]
}
