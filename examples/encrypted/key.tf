# One key for hub and spoke; two, or keys of two accounts, work the same way. Its policy is what the modules say that it needs:
# they make the statements from names and account alone, so that the key is there before whatever it encrypts.
data "aws_iam_policy_document" "key" {
  source_policy_documents = [module.hub.kms_key_policy_json, module.spoke.kms_key_policy_json]

  # Statements of your own, for instance who may administer the key, go here.
}

resource "aws_kms_key" "this" {
  description             = "Tables, buses, queues, logs and environment variables of ds-dashboard."
  policy                  = data.aws_iam_policy_document.key.json
  enable_key_rotation     = true
  deletion_window_in_days = 30 # what it encrypted is gone with it
  tags                    = var.tags
}

resource "aws_kms_alias" "this" {
  name          = "alias/ds-dashboard"
  target_key_id = aws_kms_key.this.key_id
}
