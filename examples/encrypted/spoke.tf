module "spoke" {
  # In your own repository: source = "git::https://github.com/<org>/ds-dashboard.git//modules/spoke?ref=v0.1.0"
  source = "../../modules/spoke"

  package_path     = var.package_path
  kms_key_arn      = aws_kms_key.this.arn
  project_name     = var.project_name
  environment      = var.environment
  metrics          = var.metrics
  metric_instances = var.metric_instances
  monitors         = local.monitors
  alarm_actions    = var.alarm_actions
  tags             = var.tags
}
