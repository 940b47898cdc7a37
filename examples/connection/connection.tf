module "connection" {
  # In your own repository: source = "git::https://github.com/<org>/ds-dashboard.git//modules/connection?ref=v0.1.0"
  source = "../../modules/connection"

  stage              = var.stage
  hold               = var.hold
  monitors           = var.monitors
  monitored_projects = var.monitored_projects
  alarm_actions      = var.alarm_actions
  tags               = var.tags
}
