data "aws_caller_identity" "current" {}

# The connections. Add spokes of this hub to the first map and other hubs to the second, and keep their parameters in var.hold
# until their own connections are applied.
locals {
  monitored_projects = { (var.project_name) = { (var.environment) = data.aws_caller_identity.current.account_id } }
  monitors           = { own = data.aws_caller_identity.current.account_id }
}

# Outputs are passed instead of repeating values: Terraform creates the buses first and deletes them last, and knows the rules at
# plan time, when parameters cannot be read yet.
module "connection" {
  # In your own repository: source = "git::https://github.com/<org>/ds-dashboard.git//modules/connection?ref=v0.1.0"
  source = "../../modules/connection"

  name               = module.hub.name
  spoke_bus_name     = module.spoke.event_bus_name
  monitored_projects = module.hub.monitored_projects
  monitors           = module.spoke.monitors
  hold               = var.hold
  alarm_actions      = var.alarm_actions
  tags               = var.tags
}
