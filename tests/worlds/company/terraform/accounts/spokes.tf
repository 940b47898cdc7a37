# Another producer in the same account reports for Alpha/prod and Beta/dev with PutEvents.
module "alpha" {
  source    = "../../../../../modules/spoke"
  providers = { aws = aws.alpha }

  name          = "lookout"
  project_name  = "Alpha"
  environment   = "dev"
  manifest_path = var.manifest_path
  package_path  = var.package_path
  monitors      = { central = var.accounts.hub }

  metrics = [
    "Broken",
    "EndpointsOfTheSample",
    "Fraction",
    "JobsByStatus",
    "ManyDigits",
    "NotANumber",
    "Nothing",
    "Release",
    "Undeclared",
  ]
  metric_instances = {
    Accuracy     = { class = "NumberInParameter", arguments = { parameter_name = "/alpha/accuracy" } }
    ModelVersion = { class = "SSMParameterValue", arguments = { parameter_name = "/alpha/model-version" } }
    Reach        = { class = "Reach", arguments = { hub_account_id = var.accounts.hub } }
  }
}

# In another region and with another name, so that both sides register each other's bus ARN.
module "bravo" {
  source    = "../../../../../modules/spoke"
  providers = { aws = aws.bravo }

  name                = "bravo-team"
  project_name        = "Bravo"
  environment         = "prod"
  manifest_path       = var.manifest_path
  package_path        = var.package_path
  schedule_expression = "rate(1 day)"

  metrics = ["ManyDigits", "TotalCompletedTrainingJobs"]
  metric_instances = {
    Accuracy = { class = "NumberInParameter", arguments = { parameter_name = "/bravo/accuracy" } }
  }
}

module "charlie" {
  source    = "../../../../../modules/spoke"
  providers = { aws = aws.charlie }

  name          = "lookout"
  project_name  = "Charlie"
  environment   = "dev"
  manifest_path = var.manifest_path
  package_path  = var.package_path
  metrics       = ["Fraction", "NumberEndPointsInService"]
}

module "outpost" {
  source    = "../../../../../modules/spoke"
  providers = { aws = aws.outpost }

  name            = "outpost"
  project_name    = "Outpost"
  environment     = "dev"
  manifest_path   = var.manifest_path
  package_path    = var.package_path
  monitors_path   = "/outpost/monitors"
  timeout_seconds = 10
  metrics         = ["Hangs", "Release"]
}

# The attacked hub's spoke, with every option that adds a permission except `vpc_config`.
module "guard_spoke" {
  source    = "../../../../../modules/spoke"
  providers = { aws = aws.guard_spoke }

  name                = "guard"
  project_name        = "Spoke"
  environment         = "dev"
  manifest_path       = var.manifest_path
  package_path        = var.package_path
  kms_key_arn         = aws_kms_key.guard_spoke.arn
  schedule_expression = "rate(1 day)"
  timeout_seconds     = 10
  monitors            = { central = var.accounts.guard_hub }
  metrics             = ["NumberEndPointsInService"]
  metric_instances = {
    Release = { class = "SSMParameterValue", arguments = { parameter_name = "/release" } }
  }
}

resource "aws_kms_key" "guard_spoke" {
  provider = aws.guard_spoke
  policy   = module.guard_spoke.kms_key_policy_json
}
