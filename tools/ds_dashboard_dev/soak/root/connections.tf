# Applied twice: first each lets the other side in, then each forwards to it.
module "hub_connection" {
  source    = "../../../../modules/connection"
  providers = { aws = aws.hub }

  name               = module.hub.name
  stage              = var.stage
  monitored_projects = module.hub.monitored_projects
  monitors           = {}
}

module "north_connection" {
  source    = "../../../../modules/connection"
  providers = { aws = aws.north }

  name               = module.north.name
  stage              = var.stage
  monitors           = module.north.monitors
  monitored_projects = {}
}

module "south_connection" {
  source    = "../../../../modules/connection"
  providers = { aws = aws.south }

  name               = module.south.name
  stage              = var.stage
  monitors           = module.south.monitors
  monitored_projects = {}
}

module "second_connection" {
  source    = "../../../../modules/connection"
  providers = { aws = aws.hub }

  name               = module.second_hub.name
  spoke_bus_name     = module.home.event_bus_name
  stage              = var.stage
  monitors           = module.home.monitors
  monitored_projects = module.second_hub.monitored_projects
}
