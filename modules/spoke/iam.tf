locals {
  network_interface_changes = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
  ]

  # What any function needs to run here, apart from what its metrics read.
  runtime_statements = concat(
    [
      # Not logs:CreateLogGroup: the group is made here, with its retention.
      { Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = ["${local.log_group_arn}:*"] },
      { Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [local.queue_arns["spoke-dead-letters"]] },
    ],
    # EC2 has no resources to name before the network interface is there. Lambda makes these calls; the Deny keeps the code of
    # metrics, which runs under the same role, from making them.
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
  # For its environment; the queue that it sends to is under SQS's own key.
  key_statements_of_role = [for key in compact([var.kms_key_arn]) : { Effect = "Allow", Action = ["kms:Decrypt"], Resource = [key] }]

  # IAM counts all inline policies of a role together. A key's statement is about this long, and may be unknown at plan time.
  policy_characters = length(local.iam_policy_json) + length(jsonencode(local.runtime_statements)) + 250

  # The longest first: those are the ones to look at.
  heaviest_metrics = [
    for entry in slice(reverse(sort([for name, statements in local.metric_statements : format("%06d %s", length(jsonencode(statements)), name)])), 0, min(3, length(local.metric_statements))) :
    substr(entry, 7, -1)
  ]
}

resource "aws_iam_role" "extractor" {
  # IAM is global: without the region, a second one in the same account would take the same name.
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
      condition     = local.policy_characters <= 10240
      error_message = "The chosen metrics need policies of ${local.policy_characters} characters, and IAM takes 10240 for a role. Most of it is for ${join(", ", local.heaviest_metrics)}. Move metrics into a second spoke module with another name in this account, or give instances of one class arguments that share resources."
    }
  }
}

resource "aws_iam_role_policy" "runtime" {
  #checkov:skip=CKV_AWS_355:Only the EC2 actions that Lambda asks for in a VPC, which cannot be named before they exist.
  name   = "runtime"
  role   = aws_iam_role.extractor.id
  policy = jsonencode({ Version = "2012-10-17", Statement = concat(local.runtime_statements, local.key_statements_of_role) })
}
