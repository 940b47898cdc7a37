module "spoke" {
  # In your own repository: source = "git::https://github.com/<org>/ds-dashboard.git//modules/spoke?ref=v0.1.0"
  source = "../../modules/spoke"

  package_path        = var.package_path
  manifest_path       = var.manifest_path
  project_name        = var.project_name
  environment         = var.environment
  metrics             = var.metrics
  metric_instances    = var.metric_instances
  monitors            = var.monitors
  schedule_expression = var.schedule_expression
  alarm_actions       = var.alarm_actions
  tags                = var.tags
}
