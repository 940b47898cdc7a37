# Checks of the parameters, whether they come from Parameter Store or from the caller.

locals {
  parameters = merge(local.monitor_parameters, local.project_parameters)

  # Parameters with an invalid name or value. Those on hold may be invalid.
  invalid_parameters = concat(
    [
      for parameter, value in local.monitor_parameters : "${parameter} = ${jsonencode(value)}"
      if !contains(keys(local.hub_buses), parameter) && !contains(var.hold, parameter)
    ],
    [
      for parameter, value in local.project_parameters : "${parameter} = ${jsonencode(value)}"
      if !contains(keys(local.spoke_buses), parameter) && !contains(var.hold, parameter)
    ],
  )

  circular = concat(
    [for parameter, bus in local.hub_buses : parameter if bus == local.spoke_bus_arn],
    [for parameter, bus in local.spoke_buses : parameter if bus == local.hub_bus_arn],
  )

  forwarded = [
    for parameter in concat(keys(local.hub_buses), keys(local.spoke_buses)) : parameter
    if local.forwarding && !contains(var.hold, parameter)
  ]
  unforwarded = sort(setsubtract(keys(local.parameters), local.forwarded))

  # Computed outside of the conditions: Terraform prints everything that a failed condition refers to, and these are long.
  no_parameters     = length(local.parameters) == 0
  hub_policy_fits   = length(local.hub_policy) <= 10240
  spoke_policy_fits = length(local.spoke_policy) <= 10240
  max_targets       = max(length(local.spoke_targets), length(local.hub_targets))
}

resource "terraform_data" "checks" {
  lifecycle {
    precondition {
      condition = var.allow_none || !local.no_parameters
      error_message = join(" ", [
        "There are no parameters under ${var.monitors_path} and ${var.monitored_projects_path}",
        "in account ${local.account}, region ${local.region}.",
        "Check account, region and paths. To disconnect everything in this account, set allow_none = true.",
      ])
    }
    precondition {
      condition = length(local.invalid_parameters) == 0
      error_message = join(" ", [
        "Invalid parameters: ${join("; ", local.invalid_parameters)}.",
        "Use names ${var.monitors_path}/<HubName> and ${var.monitored_projects_path}/<ProjectName>/<Environment>,",
        "and values that are a 12-digit account ID or an event bus ARN, without spaces and without a slash in the bus name.",
        "Correct them, or add their names to hold.",
      ])
    }
    precondition {
      condition = length(local.circular) == 0
      error_message = join(" ", [
        "These parameters name the bus from which this account would forward to them: ${join(", ", local.circular)}.",
        "Events would circulate. Use the account ID alone, or the ARN of bus ${local.hub_bus} for a hub and ${local.spoke_bus} for a spoke.",
      ])
    }
    precondition {
      condition = local.hub_policy_fits
      error_message = join(" ", [
        "The policy of bus ${local.hub_bus} has ${length(local.hub_policy)} characters",
        "for ${length(local.hub_trust.Principal.AWS)} accounts, and EventBridge allows 10240, about 300 accounts.",
        "Set organization_ids to the ID of your organization, which the policy then names instead of the accounts.",
      ])
    }
    precondition {
      condition = local.spoke_policy_fits
      error_message = join(" ", [
        "The policy of bus ${local.spoke_bus} has ${length(local.spoke_policy)} characters, and EventBridge allows 10240,",
        "about 300 hubs. Report to fewer hubs: ${var.monitors_path} has ${length(local.hub_buses)}.",
      ])
    }
    precondition {
      # The bus has one more rule: the archive's or the extraction's.
      condition = 1 + local.max_targets <= var.rules_quota
      error_message = join(" ", [
        "${local.max_targets} forwarding rules and one other rule of the bus exceed rules_quota = ${var.rules_quota}.",
        "Request a higher quota for rules per event bus (Service Quotas, EventBridge), then set rules_quota.",
        "Or divide the spokes between several hubs.",
      ])
    }
  }
}

check "forwarding" {
  assert {
    condition = length(local.unforwarded) == 0
    error_message = join(" ", [
      "${length(local.unforwarded)} of ${length(local.parameters)} parameters are not forwarded to yet:",
      "${join(", ", slice(local.unforwarded, 0, min(10, length(local.unforwarded))))}.",
      "After the other accounts have been applied, use stage = \"forwarding\" and remove the names from hold.",
    ])
  }
}

check "hold" {
  assert {
    condition = length(setsubtract(var.hold, keys(local.parameters))) == 0
    error_message = join(" ", [
      "hold has names of parameters that do not exist: ${join(", ", setsubtract(var.hold, keys(local.parameters)))}.",
      "They have no effect.",
    ])
  }
}
