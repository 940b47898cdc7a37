data "aws_caller_identity" "current" {}

# Who is connected with whom. Other accounts go in here too: a spoke of this hub into the first, another hub into the second,
# and into var.hold until that account lets this one in.
locals {
  monitored_projects = { (var.project_name) = { (var.environment) = data.aws_caller_identity.current.account_id } }
  monitors           = { own = data.aws_caller_identity.current.account_id }
}

# Names and maps are handed on, not written again: so Terraform makes the buses first and deletes them last, and knows at plan
# time which rules there will be, when no parameter can be read yet.
module "connection" {
  # From a repository of your own: source = "git::https://github.com/<org>/ds-dashboard.git//modules/connection?ref=v0.1.0"
  source = "../../modules/connection"

  name               = module.hub.name
  spoke_bus_name     = module.spoke.event_bus_name
  monitored_projects = module.hub.monitored_projects
  monitors           = module.spoke.monitors
  hold               = var.hold
  alarm_actions      = var.alarm_actions
  tags               = var.tags
}
