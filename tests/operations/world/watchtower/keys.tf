# Each side under a key of its own account, whose policy is what the module says that it needs, and nothing else.
resource "aws_kms_key" "hub" {
  provider = aws.hub

  description = "All of the hub."
  policy      = module.hub.kms_key_policy_json
}

resource "aws_kms_key" "spoke" {
  provider = aws.spoke

  description = "All of the spoke."
  policy      = module.spoke.kms_key_policy_json
}
