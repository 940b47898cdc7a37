locals {
  network_interface_changes = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
  ]

  # What the function needs to run, apart from the permissions of its metrics.
  runtime_statements = concat(
    [
      # Without logs:CreateLogGroup: this module creates the group, with its retention.
      { Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = ["${local.log_group_arn}:*"] },
      { Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [local.queue_arns["spoke-dead-letters"]] },
    ],
    # A network interface has no ARN before it exists. Lambda makes these calls; the Deny prevents the code of metrics, which runs
    # with the same role, from making them.
    flatten([for vpc in var.vpc_config == null ? [] : ["vpc"] : [
      {
        Effect   = "Allow"
        Action   = concat(local.network_interface_changes, ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"])
        Resource = ["*"]
      },
      {
        Effect    = "Deny"
        Action    = local.network_interface_changes
        Resource  = ["*"]
        Condition = { ArnEquals = { "lambda:SourceFunctionArn" = local.function_arn } }
      },
    ]]),
  )
  # For its environment variables. The queue that it sends to is encrypted with the key of SQS.
  key_statements_of_role = [
    for key in compact([var.kms_key_arn]) : {
      Effect    = "Allow"
      Action    = ["kms:Decrypt"]
      Resource  = [key]
      Condition = { StringEquals = { "kms:ViaService" = local.via_lambda } }
    }
  ]

  # IAM limits the total size of a role's inline policies. The statement for a key, which can be unknown at plan time, is about
  # 350 characters.
  policy_characters = length(local.iam_policy_json) + length(jsonencode(local.runtime_statements)) + 350

  # The metrics with the largest statements, for the error message.
  metrics_by_size = reverse(sort([
    for name, statements in local.metric_statements : format("%06d %s", length(jsonencode(statements)), name)
  ]))
  largest_metrics = [for entry in slice(local.metrics_by_size, 0, min(3, length(local.metrics_by_size))) : substr(entry, 7, -1)]
}

# Created before everything else and deleted after it. AWS rejects a second role of this name, but gives a second state the queues,
# alarms and rules that exist. An apply with a second state of this name fails here, with nothing in that state:
# `terraform destroy` would delete what the first installation uses.
resource "aws_iam_role" "extractor" {
  # IAM is global: without the region, a second region of the same account would need the same name.
  name                 = "${var.name}-${local.region}-extract"
  path                 = var.iam_path
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "metrics" {
  name   = "metrics"
  role   = aws_iam_role.extractor.id
  policy = local.iam_policy_json

  lifecycle {
    precondition {
      condition = local.policy_characters <= 10240
      error_message = join(" ", [
        "The metrics need policies of ${local.policy_characters} characters, and IAM allows 10240 per role.",
        "Most of it is for ${join(", ", local.largest_metrics)}.",
        "Move metrics to a second spoke module with another name in this account,",
        "or use arguments that share resources for the instances of a class.",
      ])
    }
  }
}

resource "aws_iam_role_policy" "runtime" {
  #checkov:skip=CKV_AWS_355:Only the EC2 actions that Lambda needs in a VPC, for network interfaces that do not exist yet.
  name   = "runtime"
  role   = aws_iam_role.extractor.id
  policy = jsonencode({ Version = "2012-10-17", Statement = concat(local.runtime_statements, local.key_statements_of_role) })
}
