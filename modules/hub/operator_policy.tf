# The policy of operators, which includes that of readers.

locals {
  # The names of the registered buses that are not named by modules/spoke.
  other_spoke_buses = sort(distinct([
    for bus in values(local.registered_spokes) : split("/", bus)[1] if length(regexall("/", bus)) > 0 && !endswith(bus, "-spoke")
  ]))

  operator_statements = concat(
    # Without what statements below contain: a managed policy can have 6,144 characters.
    [
      for statement in local.reader_statements : statement
      if !contains(["ReadSettings", "ShowWidget", "ShowAlarmsAndGraphs"], statement.Sid)
    ],
    [
      {
        Sid      = "InvokeFunctions"
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = [for role in concat(local.asynchronous_roles, var.dashboard ? ["widget"] : []) : local.function_arns[role]]
      },
      {
        Sid      = "Forget"
        Effect   = "Allow"
        Action   = ["dynamodb:DeleteItem"]
        Resource = [local.table_arns["latest"], local.table_arns["spokes"]]
      },
      {
        # Removes failures of metrics from the item of a spoke. The history cannot be deleted with this policy.
        Sid       = "ForgetFailures"
        Effect    = "Allow"
        Action    = ["dynamodb:UpdateItem"]
        Resource  = [local.table_arns["spokes"]]
        Condition = { "ForAllValues:StringEquals" = { "dynamodb:Attributes" = ["Project", "Failures"] } }
      },
      {
        # One of the queues belongs to modules/connection.
        Sid      = "ReceiveDeadLetters"
        Effect   = "Allow"
        Action   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
        Resource = [for queue in concat(keys(local.dead_letter_queues), ["to-spokes-dead-letters"]) : local.queue_arns[queue]]
      },
      {
        Sid      = "RedriveEvents"
        Effect   = "Allow"
        Action   = ["sqs:GetQueueAttributes", "sqs:SendMessage"]
        Resource = [local.queue_arns["events"]]
      },
      {
        # Sends a refresh again to a spoke's bus that rejected it, or that the hub's bus could not decrypt. A spoke can be in any
        # account and region, and have any name. The policy of its bus decides.
        Sid    = "RedriveRefreshes"
        Effect = "Allow"
        Action = ["events:PutEvents"]
        Resource = concat(
          [local.bus_arn],
          [for name in concat(["*-spoke"], local.other_spoke_buses) : "arn:${local.partition}:events:*:*:event-bus/${name}"],
        )
        Condition = { StringEquals = { "events:source" = "metric_extractor", "events:detail-type" = "metric_extractor" } }
      },
      {
        Sid    = "Replay"
        Effect = "Allow"
        Action = ["events:CancelReplay", "events:DescribeArchive", "events:DescribeReplay", "events:StartReplay"]
        Resource = [
          local.event_archive_arn,
          local.bus_arn,
          "arn:${local.partition}:events:${local.region}:${local.account}:replay/${var.name}-*",
        ]
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
          "scheduler:GetSchedule",
        ]
        Resource = [
          local.bus_arn,
          "arn:${local.partition}:events:${local.region}:${local.account}:rule/${local.bus_name}/*",
          "arn:${local.partition}:iam::${local.account}:role${var.iam_path}${var.name}-*",
          "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${var.name}-*",
          "arn:${local.partition}:scheduler:${local.region}:${local.account}:schedule/${var.name}-hub/*",
        ]
      },
      {
        # These actions do not support resources.
        Sid    = "ListAndTest"
        Effect = "Allow"
        Action = concat(
          ["events:ListEventBuses", "events:ListRules", "events:TestEventPattern", "lambda:ListEventSourceMappings", "logs:DescribeLogGroups"],
          var.dashboard ? local.graph_actions : [],
          length(var.thresholds) > 0 && length(var.threshold_actions) > 0 ? ["sns:ListTopics"] : [],
        )
        Resource = ["*"]
      },
    ],
    [
      for key in local.kms_keys :
      { Sid = "ReadKey", Effect = "Allow", Action = ["kms:DescribeKey", "kms:GetKeyPolicy"], Resource = [key] }
    ],
    [
      for key in local.kms_keys : {
        Sid       = "UseQueues"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = [key]
        Condition = { StringEquals = { "kms:ViaService" = local.via_service["sqs"] } }
      }
    ],
    [
      for key in local.kms_keys : {
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
