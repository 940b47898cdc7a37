locals {
  # From names and account alone: a statement that named the key would make a cycle where key and spoke share a root module.
  key_statements = [
    {
      Sid       = "SpokeAccount"
      Effect    = "Allow"
      Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
      Action    = "kms:*"
      Resource  = "*"
    },
    {
      # What passes over the bus, for which EventBridge names different sources.
      Sid       = "SpokeEventBridge"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
      Resource  = "*"
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnLike      = { "aws:SourceArn" = [local.bus_arn, "arn:${local.partition}:events:${local.region}:${local.account}:rule/${local.bus_name}/*"] }
      }
    },
    {
      Sid       = "SpokeLogs"
      Effect    = "Allow"
      Principal = { Service = replace(data.aws_service.events.dns_name, "events.", "logs.") } # China's has another suffix
      Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
      Resource  = "*"
      Condition = {
        ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${local.log_group_name}" }
      }
    },
  ]
}
