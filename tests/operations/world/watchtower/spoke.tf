module "spoke" {
  source    = "../../../../modules/spoke"
  providers = { aws = aws.spoke }

  name                = "watchtower"
  package_path        = var.package_path
  kms_key_arn         = aws_kms_key.spoke.arn
  project_name        = "Alpha"
  environment         = "dev"
  monitors            = { watchtower = var.hub_account }
  schedule_expression = "rate(1 day)"
  alarm_actions       = ["arn:aws:sns:eu-west-1:${var.spoke_account}:alarms"]

  # One has a value, and one fails each time: there is no such parameter.
  metric_instances = {
    ModelVersion = { class = "SSMParameterValue", arguments = { parameter_name = "/alpha/model-version" } }
    Missing      = { class = "SSMParameterValue", arguments = { parameter_name = "/alpha/missing" } }
  }
}

module "spoke_connection" {
  source    = "../../../../modules/connection"
  providers = { aws = aws.spoke }

  name               = module.spoke.name
  monitors           = module.spoke.monitors
  monitored_projects = {}
  stage              = var.stage
  alarm_actions      = ["arn:aws:sns:eu-west-1:${var.spoke_account}:alarms"]
}
