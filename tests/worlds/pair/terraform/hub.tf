# The hub has everything that a hub can have: a key of its own, an event archive, schedules and every alarm.
module "hub" {
  source    = "../../../../modules/hub"
  providers = { aws = aws.hub }

  name                = "pair"
  package_path        = var.package_path
  kms_key_arn         = aws_kms_key.hub.arn
  event_archive_days  = 7
  refresh_schedule    = "rate(1 day)"
  report              = { schedule = "rate(1 day)" }
  dashboard           = true
  deletion_protection = false
  alarm_actions       = ["arn:aws:sns:eu-west-1:${var.accounts.hub}:alarms"]
  monitored_projects  = { North = { dev = var.accounts.north }, South = { dev = var.accounts.south } }
  threshold_actions   = ["arn:aws:sns:eu-west-1:${var.accounts.hub}:thresholds"]
  cloudwatch_metrics  = { Digits = { by = ["Project"] }, Tenth = {} }
  thresholds = {
    Queued = { above = 10.5, projects = ["So*"], environments = ["dev"], for = 2 }
  }
}

resource "aws_kms_key" "hub" {
  provider = aws.hub

  description = "Everything of the hub."
  policy      = module.hub.kms_key_policy_json
}

module "hub_connection" {
  source    = "../../../../modules/connection"
  providers = { aws = aws.hub }

  name               = module.hub.name
  stage              = var.stage
  monitored_projects = module.hub.monitored_projects
  monitors           = {}
  alarm_actions      = ["arn:aws:sns:eu-west-1:${var.accounts.hub}:alarms"]
}
