locals {
  registered_spokes = merge([
    for project, accounts in var.monitored_projects : {
      for environment, value in accounts : "${project}/${environment}" => value
    }
  ]...)
}

resource "aws_ssm_parameter" "monitored_projects" {
  #checkov:skip=CKV2_AWS_34:Account IDs and bus ARNs are not secrets, and every reader would need the key.
  for_each = local.registered_spokes

  name           = "${var.monitored_projects_path}/${each.key}"
  description    = "Account ID or event bus ARN of the spoke ${each.key}."
  type           = "String"
  insecure_value = each.value # shown in plans, so that a wrong value is noticed before it is applied
  tags           = var.tags

  depends_on = [aws_scheduler_schedule_group.this]
}
