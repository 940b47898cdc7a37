# Statements for the policy of the customer-managed key. HubAccount lets the IAM policies of functions and people grant its use.

locals {
  # Built from names and the account only: a reference to the key would be a cycle if key and hub share a root module.
  # Sids contain the name, so that one policy can have the statements of two installations.
  key_sid = replace(title(replace(var.name, "-", " ")), " ", "")
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
      # Deliveries of the archive's rule.
      Sid       = "${local.key_sid}HubQueue"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = "*"
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnEquals    = { "aws:SourceArn" = local.rule_arn }
      }
    },
    {
      Sid       = "${local.key_sid}HubLogs"
      Effect    = "Allow"
      Principal = { Service = replace(data.aws_service.events.dns_name, "events.", "logs.") } # has another suffix in China
      Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
      Resource  = "*"
      Condition = { ArnEquals = { "kms:EncryptionContext:aws:logs:arn" = values(local.log_group_arns) } }
    },
  ]
}
