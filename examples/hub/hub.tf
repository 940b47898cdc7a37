module "hub" {
  # In your own repository: source = "git::https://github.com/<org>/ds-dashboard.git//modules/hub?ref=v0.1.0"
  source = "../../modules/hub"

  package_path        = var.package_path
  monitored_projects  = var.monitored_projects
  refresh_schedule    = var.refresh_schedule
  retention_days      = var.retention_days
  deletion_protection = var.deletion_protection
  alarm_actions       = var.alarm_actions
  dashboard           = var.dashboard
  report              = var.report
  tags                = var.tags
}
