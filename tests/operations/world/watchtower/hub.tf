module "hub" {
  source    = "../../../../modules/hub"
  providers = { aws = aws.hub }

  name                = "watchtower"
  package_path        = var.package_path
  kms_key_arn         = aws_kms_key.hub.arn
  event_archive_days  = 7
  refresh_schedule    = "rate(1 day)"
  deletion_protection = false
  alarm_actions       = ["arn:aws:sns:eu-west-1:${var.hub_account}:alarms"]

  # Alpha extracts, Gamma only puts values, and nobody ever hears of Silent.
  monitored_projects = {
    Alpha  = { dev = var.spoke_account }
    Gamma  = { dev = var.spoke_account }
    Silent = { dev = var.spoke_account }
  }
}

module "hub_connection" {
  source    = "../../../../modules/connection"
  providers = { aws = aws.hub }

  name               = module.hub.name
  monitored_projects = module.hub.monitored_projects
  monitors           = {}
  stage              = var.stage
  alarm_actions      = ["arn:aws:sns:eu-west-1:${var.hub_account}:alarms"]
}
