# What fails in each possible way, and a few values.
module "north" {
  source    = "../../../../modules/spoke"
  providers = { aws = aws.north }

  name             = "pair"
  project_name     = "North"
  environment      = "dev"
  manifest_path    = var.manifest_path
  package_path     = var.package_path
  timeout_seconds  = 10
  monitors         = { hub = var.accounts.hub }
  metrics          = var.north_metrics
  metric_instances = var.north_instances
}

module "north_connection" {
  source    = "../../../../modules/connection"
  providers = { aws = aws.north }

  name               = module.north.name
  stage              = var.stage
  monitors           = module.north.monitors
  monitored_projects = {}
}

# The spoke has everything that a spoke can have, except a network of its own.
module "south" {
  source    = "../../../../modules/spoke"
  providers = { aws = aws.south }

  name                = "pair"
  project_name        = "South"
  environment         = "dev"
  manifest_path       = var.manifest_path
  package_path        = var.package_path
  kms_key_arn         = aws_kms_key.south.arn
  schedule_expression = "rate(1 day)"
  monitors            = { hub = var.accounts.hub }
  metrics             = ["Digits", "Parameters", "Tenth"]
  alarm_actions       = ["arn:aws:sns:eu-west-1:${var.accounts.south}:alarms"]

  # One has a value, and one fails each time, since the parameter does not exist.
  metric_instances = {
    ModelVersion = { class = "SSMParameterValue", arguments = { parameter_name = "/south/model-version" } }
    Missing      = { class = "SSMParameterValue", arguments = { parameter_name = "/south/missing" } }
  }
}

resource "aws_kms_key" "south" {
  provider = aws.south

  description = "Everything of the spoke South."
  policy      = module.south.kms_key_policy_json
}

module "south_connection" {
  source    = "../../../../modules/connection"
  providers = { aws = aws.south }

  name               = module.south.name
  stage              = var.stage
  monitors           = module.south.monitors
  monitored_projects = {}
  alarm_actions      = ["arn:aws:sns:eu-west-1:${var.accounts.south}:alarms"]
}
