# The group has tags, which schedules do not support.
#
# It is created before everything else and deleted after it. AWS rejects a second group of this name, but gives a second state
# the queues, alarms and rules that exist. An apply with a second state of this name fails here, with nothing in that state:
# `terraform destroy` would delete what the first installation uses.
resource "aws_scheduler_schedule_group" "this" {
  name = "${var.name}-hub"
  tags = var.tags
}

resource "aws_iam_role" "schedule" {
  name                 = "${var.name}-${local.region}-hub-schedule"
  path                 = var.iam_path
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "scheduler.amazonaws.com" }
      Action    = "sts:AssumeRole"
      # Without aws:SourceArn: AWS documents the group's ARN as its value, but there are reports that CreateSchedule then rejects
      # the role.
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })

  depends_on = [aws_scheduler_schedule_group.this]
}

resource "aws_iam_role_policy" "schedule" {
  name = "schedule"
  role = aws_iam_role.schedule.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = [for role in local.asynchronous_roles : local.function_arns[role]]
      },
      {
        Effect   = "Allow"
        Action   = ["sqs:SendMessage"]
        Resource = [local.queue_arns["function-dead-letters"]]
      },
    ]
  })
}
