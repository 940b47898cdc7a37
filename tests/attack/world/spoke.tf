# Its spoke, with every option that adds a permission except `vpc_config`.
module "spoke" {
  source    = "../../../modules/spoke"
  providers = { aws = aws.spoke }

  name                = "guard"
  project_name        = "Spoke"
  environment         = "dev"
  manifest_path       = var.manifest_path
  package_path        = var.package_path
  kms_key_arn         = aws_kms_key.spoke.arn
  schedule_expression = "rate(1 day)"
  timeout_seconds     = 10
  metrics             = ["NumberEndPointsInService"]
  metric_instances = {
    Release = { class = "SSMParameterValue", arguments = { parameter_name = "/release" } }
  }
  monitors = { central = var.accounts.hub }
}

resource "aws_kms_key" "spoke" {
  provider = aws.spoke
  policy   = module.spoke.kms_key_policy_json
}

module "spoke_connection" {
  source    = "../../../modules/connection"
  providers = { aws = aws.spoke }

  name               = module.spoke.name
  stage              = var.stage
  monitors           = module.spoke.monitors
  monitored_projects = {}
}
