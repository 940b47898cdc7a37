# One key for hub and spoke. Separate keys work in the same way. The modules build the statements of the policy from names and the
# account only, so that the key can be created before the resources that it encrypts.
data "aws_iam_policy_document" "key" {
  source_policy_documents = [module.hub.kms_key_policy_json, module.spoke.kms_key_policy_json]

  # Add your own statements here, such as the permissions of key administrators.
}

resource "aws_kms_key" "this" {
  description             = "Tables, buses, queues, logs and environment variables of ds-dashboard."
  policy                  = data.aws_iam_policy_document.key.json
  enable_key_rotation     = true
  deletion_window_in_days = 30 # encrypted data is lost with the key
  tags                    = var.tags
}

resource "aws_kms_alias" "this" {
  name          = "alias/ds-dashboard"
  target_key_id = aws_kms_key.this.key_id
}
