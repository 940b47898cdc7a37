# Who uses the customer's key, and for what. The function has it by its own policy, which SpokeAccount lets count.

locals {
  # From names and account alone: a statement that named the key would make a cycle where key and spoke share a root module.
  # Sids carry the name, so that the statements of two installations fit into one policy.
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
      # Asked when the bus is made, with nothing that could be a condition.
      Sid       = "${local.key_sid}SpokeEventBridge"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "kms:DescribeKey"
      Resource  = "*"
    },
    {
      # By the context alone: what is sent from another account has that account's rule as its source.
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
      Principal = { Service = replace(data.aws_service.events.dns_name, "events.", "logs.") } # China's has another suffix
      Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
      Resource  = "*"
      Condition = {
        ArnEquals = { "kms:EncryptionContext:aws:logs:arn" = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${local.log_group_name}" }
      }
    },
  ]
}
