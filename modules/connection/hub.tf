# This account as a hub: spokes can put results on its bus, and the bus forwards refreshes to them.

locals {
  hub_trust = {
    Sid       = "Spokes"
    Effect    = "Allow"
    Principal = { AWS = sort(distinct([for bus in values(local.spoke_buses) : "${local.iam_arns}::${split(":", bus)[4]}:root"])) }
    Action    = "events:PutEvents"
    Resource  = local.hub_bus_arn
  }
  hub_trust_of_organization = {
    Sid       = "Spokes"
    Effect    = "Allow"
    Principal = "*"
    Action    = "events:PutEvents"
    Resource  = local.hub_bus_arn
    Condition = {
      StringEquals = { "aws:PrincipalOrgID" = var.organization_ids }
      # Within an account, the bus policy alone grants access: any role here could send refreshes without a permission of its own.
      StringNotEquals = { "aws:PrincipalAccount" = local.account }
    }
  }
  hub_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for statement in [local.hub_trust, local.hub_trust_of_organization] : statement
      if(length(var.organization_ids) > 0) == can(statement.Condition)
    ]
  })
}

module "hub_forwarding" {
  source = "./modules/forwarding"
  count  = length(local.spoke_buses) > 0 ? 1 : 0

  name                     = var.name
  peer_kind                = "spokes"
  bus_name                 = local.found_hub_bus
  bus_policy_json          = local.hub_policy
  targets                  = local.spoke_targets
  peer_bus_arns            = values(local.spoke_buses)
  queue_max_message_size   = local.queue_max_message_size
  alarm_actions            = var.alarm_actions
  disabled_alarms          = var.disabled_alarms
  permissions_boundary_arn = var.permissions_boundary_arn
  iam_path                 = var.iam_path
  tags                     = var.tags

  # Without `account`, a refresh forged by one spoke would become a dead letter for every other spoke. Without `replay-name`, a
  # replay for the archive would request values from all spokes again.
  event_pattern = jsonencode({
    account       = [local.account]
    source        = ["metric_extractor"]
    "detail-type" = ["metric_extractor"]
    detail        = { MetricName = [{ exists = false }] }
    "replay-name" = [{ exists = false }]
  })
}
