data "aws_caller_identity" "current" {}

# Region and partition under attributes that providers 5 and 6 both have.
data "aws_service" "events" {
  service_id = "events"
}

locals {
  account   = data.aws_caller_identity.current.account_id
  region    = data.aws_service.events.region
  partition = data.aws_service.events.partition

  hub_bus   = var.hub_bus_name == null ? "${var.name}-hub" : var.hub_bus_name
  spoke_bus = var.spoke_bus_name == null ? "${var.name}-spoke" : var.spoke_bus_name

  # All the buses that an account id may stand for are in this region: another one is written as an ARN.
  bus_arns      = "arn:${local.partition}:events:${local.region}"
  hub_bus_arn   = "${local.bus_arns}:${local.account}:event-bus/${local.hub_bus}"
  spoke_bus_arn = "${local.bus_arns}:${local.account}:event-bus/${local.spoke_bus}"

  # Of each side that this account has.
  alarms = ["to-hubs-dead-letters-not-empty", "to-spokes-dead-letters-not-empty"]
}
