# This account as a spoke: hubs may put refreshes on its bus, and what it answers is forwarded to them.

locals {
  spoke_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Hubs"
      Effect    = "Allow"
      Principal = { AWS = sort(distinct([for bus in values(local.hub_buses) : "arn:${local.partition}:iam::${split(":", bus)[4]}:root"])) }
      Action    = "events:PutEvents"
      Resource  = local.spoke_bus_arn
    }]
  })
}

module "spoke_side" {
  source = "./side"
  count  = length(local.hub_buses) > 0 ? 1 : 0

  name                     = var.name
  others                   = "hubs"
  bus_name                 = local.spoke_bus
  bus_policy_json          = local.spoke_policy
  targets                  = local.hub_targets
  others_buses             = values(local.hub_buses)
  alarm_actions            = var.alarm_actions
  disabled_alarms          = var.disabled_alarms
  permissions_boundary_arn = var.permissions_boundary_arn
  iam_path                 = var.iam_path
  tags                     = var.tags

  # Results of any producer in this account, and what the extraction says of itself.
  event_pattern = jsonencode({
    account = [local.account]
    source  = ["metric_extractor"]
    "$or" = [
      { "detail-type" = ["metric_extractor"], detail = { MetricName = [{ exists = true }] } },
      { "detail-type" = ["metric_extractor_failure", "metric_extractor_run"] },
    ]
  })
}
