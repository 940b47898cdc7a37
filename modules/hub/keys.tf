# Statements for the policy of the customer-managed key. HubAccount lets the IAM policies of functions and people grant its use.

data "aws_service_principal" "logs" {
  service_name = "logs"
}

locals {
  # Built from names and the account only: a reference to the key would be a cycle if key and hub share a root module.
  # Sids contain the name, so that one policy can have the statements of two installations.
  # Names such as team-1 and team1, which are equal without hyphens and case, get a hash.
  key_sid = join("", [
    replace(title(replace(var.name, "-", " ")), " ", ""),
    can(regex(local.patterns.plain_name, var.name)) ? "" : substr(sha256(var.name), 0, 8),
  ])
  key_statements = [
    {
      Sid       = "${local.key_sid}HubAccount"
      Effect    = "Allow"
      Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
      Action    = "kms:*"
      Resource  = "*"
    },
    {
      # EventBridge calls this when it creates the bus and the archive, without anything that a condition could test.
      Sid       = "${local.key_sid}HubEventBridge"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "kms:DescribeKey"
      Resource  = "*"
    },
    {
      # The condition is the encryption context only: events from another account have that account's rule as their source, and
      # an archive has no source. `aws events update-archive` can encrypt the archive with this key.
      Sid       = "${local.key_sid}HubBus"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = concat(["kms:Decrypt", "kms:GenerateDataKey"], var.event_archive_days == null ? [] : ["kms:ReEncrypt*"])
      Resource  = "*"
      Condition = { StringEquals = { "kms:EncryptionContext:aws:events:event-bus:arn" = local.bus_arn } }
    },
    {
      # Deliveries to the archive's queue. It is the queue that calls KMS, with its own ARN as encryption context.
      Sid       = "${local.key_sid}HubQueue"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = "*"
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account, "kms:EncryptionContext:aws:sqs:arn" = local.queue_arns["events"] }
      }
    },
    {
      Sid       = "${local.key_sid}HubLogs"
      Effect    = "Allow"
      Principal = { Service = data.aws_service_principal.logs.id } # with the region; has another suffix in China
      Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
      Resource  = "*"
      Condition = { ArnEquals = { "kms:EncryptionContext:aws:logs:arn" = values(local.log_group_arns) } }
    },
  ]
}
