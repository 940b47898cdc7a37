# Who uses the customer's key, and for what. Functions and people have it by their own policies, which HubAccount lets count.

locals {
  # From names and account alone: a statement that named the key would make a cycle where key and hub share a root module.
  # Sids carry the name, so that the statements of two installations fit into one policy.
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
      # Asked when bus and archive are made, with nothing that could be a condition.
      Sid       = "${local.key_sid}HubEventBridge"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "kms:DescribeKey"
      Resource  = "*"
    },
    {
      # By the context alone: what is sent from another account has that account's rule as its source, and an archive has none.
      # An archive, which AWS's own key encrypts, can be put under this one with `aws events update-archive`.
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
      Principal = { Service = replace(data.aws_service.events.dns_name, "events.", "logs.") } # China's has another suffix
      Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
      Resource  = "*"
      Condition = { ArnEquals = { "kms:EncryptionContext:aws:logs:arn" = values(local.log_group_arns) } }
    },
  ]
}
