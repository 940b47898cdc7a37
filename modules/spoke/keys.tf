# Statements for the policy of the customer-managed key. SpokeAccount lets the IAM policies of the function and people grant its use.

locals {
  # Built from names and the account only: a reference to the key would be a cycle if key and spoke share a root module.
  # Sids contain the name, so that one policy can have the statements of two installations.
  key_sid = replace(title(replace(var.name, "-", " ")), " ", "")
  key_statements = [
    {
      Sid       = "${local.key_sid}SpokeAccount"
      Effect    = "Allow"
      Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
      Action    = "kms:*"
      Resource  = "*"
    },
    {
      # EventBridge calls this when it creates the bus, without anything that a condition could test.
      Sid       = "${local.key_sid}SpokeEventBridge"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "kms:DescribeKey"
      Resource  = "*"
    },
    {
      # The condition is the encryption context only: events from another account have that account's rule as their source.
      Sid       = "${local.key_sid}SpokeBus"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = "*"
      Condition = { StringEquals = { "kms:EncryptionContext:aws:events:event-bus:arn" = local.bus_arn } }
    },
    {
      Sid       = "${local.key_sid}SpokeLogs"
      Effect    = "Allow"
      Principal = { Service = replace(data.aws_service.events.dns_name, "events.", "logs.") } # has another suffix in China
      Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
      Resource  = "*"
      Condition = {
        ArnEquals = { "kms:EncryptionContext:aws:logs:arn" = local.log_group_arn }
      }
    },
  ]
}
