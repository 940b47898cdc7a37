# The policy of people who look, to be attached to their roles. operator_policy.tf has the one of operators.

locals {
  graph_actions = ["cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "cloudwatch:ListDashboards"]

  reader_statements = concat(
    [
      {
        Sid    = "ReadTables"
        Effect = "Allow"
        Action = [
          "dynamodb:BatchGetItem",
          "dynamodb:DescribeTable",
          "dynamodb:GetItem",
          "dynamodb:PartiQLSelect",
          "dynamodb:Query",
          "dynamodb:Scan",
        ]
        Resource = concat(values(local.table_arns), ["${local.table_arns["metrics"]}/index/BySeries"])
      },
      {
        Sid      = "ReadRegistry"
        Effect   = "Allow"
        Action   = ["ssm:GetParametersByPath"]
        Resource = [local.registry_arn]
      },
      {
        # Its environment has the path of the registry, and the time after which a spoke is silent.
        Sid      = "ReadSettings"
        Effect   = "Allow"
        Action   = ["lambda:GetFunctionConfiguration"]
        Resource = [local.function_arns["watch"]]
      },
    ],
    [
      for key in local.kms_keys : {
        # The tables, the environment of the watch function, and the report.
        Sid      = "Decrypt"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = [key]
        Condition = { StringEquals = { "kms:ViaService" = flatten([
          for service in concat(["dynamodb", "lambda"], var.report == null ? [] : ["s3"]) : local.via_service[service]
        ]) } }
      }
    ],
    [
      for bucket in var.report == null ? [] : [local.report_bucket_arn] :
      { Sid = "ReadReport", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["${bucket}/*"] }
    ],
    flatten([
      for dashboard in var.dashboard ? [local.dashboard_arn] : [] : [
        { Sid = "OpenDashboard", Effect = "Allow", Action = ["cloudwatch:GetDashboard"], Resource = [dashboard] },
        # The console calls the function with the permissions of who looks at the dashboard.
        { Sid = "ShowWidget", Effect = "Allow", Action = ["lambda:InvokeFunction"], Resource = [local.function_arns["widget"]] },
        {
          # These actions do not support resources, or not for all alarms and metrics of a dashboard.
          Sid      = "ShowAlarmsAndGraphs"
          Effect   = "Allow"
          Action   = local.graph_actions
          Resource = ["*"]
        },
      ]
    ]),
  )
}
