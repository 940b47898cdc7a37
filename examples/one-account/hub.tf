module "hub" {
  # In your own repository: source = "git::https://github.com/<org>/ds-dashboard.git//modules/hub?ref=v0.1.0"
  source = "../../modules/hub"

  package_path        = var.package_path
  monitored_projects  = local.monitored_projects
  refresh_schedule    = var.refresh_schedule
  deletion_protection = var.deletion_protection
  alarm_actions       = var.alarm_actions
  tags                = var.tags
}
