resource "aws_ssm_parameter" "monitors" {
  #checkov:skip=CKV2_AWS_34:Account IDs and bus ARNs are not secrets, and every reader would need the key.
  for_each = var.monitors

  name           = "${var.monitors_path}/${each.key}"
  description    = "Account ID or event bus ARN of a hub that this account reports to."
  type           = "String"
  insecure_value = each.value # shown in plans, so that a wrong value is noticed before it is applied
  tags           = var.tags

  depends_on = [aws_iam_role.extractor]
}
