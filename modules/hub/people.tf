# What people need, as policies to be attached to their roles.

locals {
  reader_statements = concat(
    [
      {
        Sid      = "ReadTables"
        Effect   = "Allow"
        Action   = ["dynamodb:BatchGetItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PartiQLSelect", "dynamodb:Query", "dynamodb:Scan"]
        Resource = concat(values(local.table_arns), ["${local.table_arns["metrics"]}/index/BySeries"])
      },
      {
        Sid      = "ReadRegistry"
        Effect   = "Allow"
        Action   = ["ssm:GetParametersByPath"]
        Resource = [local.registry_arn]
      },
      {
        # When a spoke counts as silent, and where the registry is, stands in its environment.
        Sid      = "ReadSettings"
        Effect   = "Allow"
        Action   = ["lambda:GetFunctionConfiguration"]
        Resource = [local.function_arns["watch"]]
      },
    ],
    [for key in local.kms_keys : { Sid = "Decrypt", Effect = "Allow", Action = ["kms:Decrypt"], Resource = [key] }],
  )
}
