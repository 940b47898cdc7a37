resource "aws_ssm_parameter" "monitors" {
  #checkov:skip=CKV2_AWS_34:Account ids and bus ARNs are no secrets, and every reader would need the key.
  for_each = var.monitors

  name           = "${var.monitors_path}/${each.key}"
  description    = "The account, or event bus, of a hub that this account reports to."
  type           = "String"
  insecure_value = each.value # shown in plans: no secret, and a wrong one should be seen before it is applied
  tags           = var.tags
}
