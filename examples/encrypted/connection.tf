data "aws_caller_identity" "current" {}

locals {
  monitored_projects = { (var.project_name) = { (var.environment) = data.aws_caller_identity.current.account_id } }
  monitors           = { own = data.aws_caller_identity.current.account_id }
}

# The dead-letter queues are encrypted with the key of SQS: one missing grant must not lose an event twice.
module "connection" {
  # In your own repository: source = "git::https://github.com/<org>/ds-dashboard.git//modules/connection?ref=v0.1.0"
  source = "../../modules/connection"

  name               = module.hub.name
  spoke_bus_name     = module.spoke.event_bus_name
  monitored_projects = module.hub.monitored_projects
  monitors           = module.spoke.monitors
  alarm_actions      = var.alarm_actions
  tags               = var.tags
}
