locals {
  found = merge(local.monitor_parameters, local.project_parameters)

  # What each parameter's name and value should look like, for those that do not.
  malformed = concat(
    [
      for parameter, value in local.monitor_parameters : "${parameter} = ${jsonencode(value)}"
      if !contains(keys(local.hub_buses), parameter) && !contains(var.hold, parameter)
    ],
    [
      for parameter in setsubtract(keys(local.project_parameters), setunion(keys(local.spoke_buses), var.hold)) :
      "${parameter} = ${jsonencode(local.project_parameters[parameter])}"
    ],
  )

  circular = concat(
    [for parameter, bus in local.hub_buses : parameter if bus == local.spoke_bus_arn],
    [for parameter, bus in local.spoke_buses : parameter if bus == local.hub_bus_arn],
  )

  forwarded = concat(
    [for parameter, bus in local.hub_buses : parameter if local.forwarding && !contains(var.hold, parameter)],
    [for parameter, bus in local.spoke_buses : parameter if local.forwarding && !contains(var.hold, parameter)],
  )
  # Decided here, since Terraform prints whatever a failing condition refers to, and these are long.
  hub_policy_fits   = length(local.hub_policy) <= 10240
  spoke_policy_fits = length(local.spoke_policy) <= 10240
  most_targets      = max(length(local.spoke_targets), length(local.hub_targets))
  found_none        = length(local.found) == 0

  unforwarded = sort(setsubtract(keys(local.found), local.forwarded))
}

resource "terraform_data" "checks" {
  lifecycle {
    precondition {
      condition     = var.allow_none || !local.found_none
      error_message = "Nothing to connect: no parameters under ${var.monitors_path} and ${var.monitored_projects_path} in account ${local.account}, region ${local.region}. Check account, region and paths; where it is meant that everything here is disconnected, set allow_none = true."
    }
    precondition {
      condition     = length(local.malformed) == 0
      error_message = "Parameters that name no account: ${join("; ", local.malformed)}. Names are ${var.monitors_path}/<HubName> and ${var.monitored_projects_path}/<ProjectName>/<Environment>, values a 12-digit account id or an event bus ARN, with no space around. Correct them, or put their names into hold."
    }
    precondition {
      condition     = length(local.circular) == 0
      error_message = "These parameters name the bus that they would forward from, so that events would go in circles: ${join(", ", local.circular)}. A hub is named by its bus ${local.hub_bus}, a spoke by ${local.spoke_bus}; an account id alone does it."
    }
    precondition {
      condition     = local.hub_policy_fits
      error_message = "${length(local.hub_trust.Principal.AWS)} accounts in the policy of bus ${local.hub_bus} make ${length(local.hub_policy)} characters, and EventBridge takes 10240, about 300 accounts. Set organization_ids to your organization's id: the policy then names it instead of the accounts."
    }
    precondition {
      condition     = local.spoke_policy_fits
      error_message = "The policy of bus ${local.spoke_bus} has ${length(local.spoke_policy)} characters, and EventBridge takes 10240, about 300 hubs. Report to fewer hubs: ${var.monitors_path} names ${length(local.hub_buses)}."
    }
    precondition {
      # The archive's rule, or the extraction's, stands on the same bus.
      condition     = 1 + local.most_targets <= var.rules_quota
      error_message = "${local.most_targets} forwarding rules and one of the bus's own are more than rules_quota = ${var.rules_quota}. Have AWS raise the quota for rules per event bus (Service Quotas, EventBridge), then set rules_quota; or divide the spokes between hubs."
    }
  }
}

check "forwarding" {
  assert {
    condition     = length(local.unforwarded) == 0
    error_message = "${length(local.unforwarded)} of ${length(local.found)} parameters forward nothing yet: ${join(", ", slice(local.unforwarded, 0, min(10, length(local.unforwarded))))}. Once the other sides have been applied, use stage = \"forwarding\" and take them out of hold."
  }
}

check "hold" {
  assert {
    condition     = length(setsubtract(var.hold, keys(local.found))) == 0
    error_message = "hold names parameters that are not there: ${join(", ", setsubtract(var.hold, keys(local.found)))}. They hold nothing back."
  }
}
