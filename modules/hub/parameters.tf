resource "aws_ssm_parameter" "monitored_projects" {
  #checkov:skip=CKV2_AWS_34:Account ids and bus ARNs are no secrets, and every reader would need the key.
  for_each = merge([
    for project, accounts in var.monitored_projects : {
      for environment, value in accounts : "${project}/${environment}" => value
    }
  ]...)

  name           = "${var.monitored_projects_path}/${each.key}"
  description    = "The account, or event bus, that ${each.key} reports from."
  type           = "String"
  insecure_value = each.value # shown in plans: no secret, and a wrong one should be seen before it is applied
  tags           = var.tags
}
