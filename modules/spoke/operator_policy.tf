# A policy for people, to be attached to their roles.

locals {
  operator_statements = concat(
    [
      {
        # One of the queues belongs to modules/connection.
        Sid      = "ReceiveDeadLetters"
        Effect   = "Allow"
        Action   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage"]
        Resource = values(local.queue_arns)
      },
      {
        Sid      = "RedriveExtractions"
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = [local.function_arn]
      },
      {
        Sid       = "RedriveResults"
        Effect    = "Allow"
        Action    = ["events:PutEvents"]
        Resource  = [local.bus_arn]
        Condition = { StringEquals = { "events:source" = "metric_extractor" } }
      },
      {
        # Without it, AWS denies access instead of reporting that a queue of the connection does not exist.
        Sid      = "FindQueues"
        Effect   = "Allow"
        Action   = ["sqs:GetQueueUrl"]
        Resource = ["arn:${local.partition}:sqs:${local.region}:${local.account}:${var.name}-*"]
      },
      {
        Sid    = "Inspect"
        Effect = "Allow"
        Action = [
          "events:DescribeEventBus",
          "events:ListTargetsByRule",
          "iam:GetRole",
          "iam:GetRolePolicy",
          "iam:ListAttachedRolePolicies",
          "iam:ListRolePolicies",
          "lambda:GetFunctionConcurrency",
          "lambda:GetFunctionConfiguration",
          "lambda:GetFunctionEventInvokeConfig",
          "lambda:GetPolicy",
          "logs:FilterLogEvents",
          "scheduler:GetSchedule",
          "ssm:GetParametersByPath",
        ]
        Resource = [
          local.bus_arn,
          "arn:${local.partition}:events:${local.region}:${local.account}:rule/${local.bus_name}/*",
          "arn:${local.partition}:iam::${local.account}:role${var.iam_path}${var.name}-*",
          local.function_arn,
          local.log_group_arn,
          "${local.log_group_arn}:*",
          "arn:${local.partition}:scheduler:${local.region}:${local.account}:schedule/${var.name}-spoke/*",
          "arn:${local.partition}:ssm:${local.region}:${local.account}:parameter${var.monitors_path}",
        ]
      },
      {
        # These actions do not support resources.
        Sid      = "ListAndTest"
        Effect   = "Allow"
        Action   = ["events:ListEventBuses", "events:ListRules", "events:TestEventPattern", "logs:DescribeLogGroups"]
        Resource = ["*"]
      },
    ],
    [
      for key in compact([var.kms_key_arn]) :
      { Sid = "ReadKey", Effect = "Allow", Action = ["kms:DescribeKey", "kms:GetKeyPolicy"], Resource = [key] }
    ],
    [
      for key in compact([var.kms_key_arn]) : {
        # Lambda returns the environment of the function only to who may decrypt it.
        Sid       = "DecryptEnvironment"
        Effect    = "Allow"
        Action    = ["kms:Decrypt"]
        Resource  = [key]
        Condition = { StringEquals = { "kms:ViaService" = local.via_lambda } }
      }
    ],
    [
      for key in compact([var.kms_key_arn]) : {
        # No service decrypts the events that the bus could not decrypt: the redrive does.
        Sid       = "DecryptDeadLetters"
        Effect    = "Allow"
        Action    = ["kms:Decrypt"]
        Resource  = [key]
        Condition = { StringEquals = { "kms:EncryptionContext:aws:events:event-bus:arn" = local.bus_arn } }
      }
    ],
    [
      for boundary in compact([var.permissions_boundary_arn]) :
      { Sid = "ReadBoundary", Effect = "Allow", Action = ["iam:GetPolicy", "iam:GetPolicyVersion"], Resource = [boundary] }
    ],
  )
}
