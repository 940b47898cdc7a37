data "aws_caller_identity" "current" {}

# Providers 5 and 6 both have these attributes for the region and the partition.
data "aws_service" "events" {
  service_id = "events"
}

# Its attributes show the version of the provider: `region` exists from 6.0 on.
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  region    = data.aws_service.events.region
  partition = data.aws_service.events.partition

  hub_bus   = var.hub_bus_name == null ? "${var.name}-hub" : var.hub_bus_name
  spoke_bus = var.spoke_bus_name == null ? "${var.name}-spoke" : var.spoke_bus_name

  iam_arns = "arn:${local.partition}:iam"

  # An account ID stands for a bus in this region. Buses of other regions are given as ARNs.
  bus_arns      = "arn:${local.partition}:events:${local.region}"
  hub_bus_arn   = "${local.bus_arns}:${local.account}:event-bus/${local.hub_bus}"
  spoke_bus_arn = "${local.bus_arns}:${local.account}:event-bus/${local.spoke_bus}"

  # The account has one for each role that it has, hub or spoke.
  alarms = ["to-hubs-dead-letters-not-empty", "to-spokes-dead-letters-not-empty"]

  # Provider 5 rejects more with an error that does not name the fix. A check does.
  queue_max_message_size = contains(keys(data.aws_region.current), "region") ? var.queue_max_message_size : min(var.queue_max_message_size, 262144)
}
