# This account as a spoke: hubs can put refreshes on its bus, and the bus forwards results to them.

locals {
  spoke_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Hubs"
      Effect    = "Allow"
      Principal = { AWS = sort(distinct([for bus in values(local.hub_buses) : "${local.iam_arns}::${split(":", bus)[4]}:root"])) }
      Action    = "events:PutEvents"
      Resource  = local.spoke_bus_arn
    }]
  })
}

module "spoke_forwarding" {
  source = "./modules/forwarding"
  count  = length(local.hub_buses) > 0 ? 1 : 0

  name                     = var.name
  peer_kind                = "hubs"
  bus_name                 = local.found_spoke_bus
  bus_policy_json          = local.spoke_policy
  targets                  = local.hub_targets
  peer_bus_arns            = values(local.hub_buses)
  queue_max_message_size   = local.queue_max_message_size
  alarm_actions            = var.alarm_actions
  disabled_alarms          = var.disabled_alarms
  permissions_boundary_arn = var.permissions_boundary_arn
  iam_path                 = var.iam_path
  tags                     = var.tags

  # Results from any producer in this account, and failure and run events of the extraction.
  event_pattern = jsonencode({
    account = [local.account]
    source  = ["metric_extractor"]
    "$or" = [
      { "detail-type" = ["metric_extractor"], detail = { MetricName = [{ exists = true }] } },
      { "detail-type" = ["metric_extractor_failure", "metric_extractor_run"] },
    ]
  })
}
