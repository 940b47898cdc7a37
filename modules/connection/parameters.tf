# The hubs and spokes to connect, from Parameter Store or from the caller, as full parameter name to value.

data "aws_ssm_parameters_by_path" "monitors" {
  count = var.monitors == null ? 1 : 0

  path            = var.monitors_path
  recursive       = true
  with_decryption = false # as the hub's functions read them
}

data "aws_ssm_parameters_by_path" "monitored_projects" {
  count = var.monitored_projects == null ? 1 : 0

  path            = var.monitored_projects_path
  recursive       = true
  with_decryption = false
}

locals {
  # The provider marks all parameter values as sensitive, and sensitive values cannot be used as keys. These are account IDs.
  # The type stands for the value of an encrypted parameter, which registers nobody.
  read_parameters = {
    for kind, sources in {
      monitors           = data.aws_ssm_parameters_by_path.monitors
      monitored_projects = data.aws_ssm_parameters_by_path.monitored_projects
      } : kind => merge({}, [
        for read in sources : zipmap(
          read.names,
          [for i, value in nonsensitive(read.values) : read.types[i] == local.encrypted ? local.encrypted : value],
        )
    ]...)
  }
  monitor_parameters = merge(
    { for hub, value in var.monitors == null ? {} : var.monitors : "${var.monitors_path}/${hub}" => value },
    local.read_parameters.monitors,
  )
  project_parameters = merge(
    merge([
      for project, accounts in var.monitored_projects == null ? {} : var.monitored_projects : {
        for environment, value in accounts : "${var.monitored_projects_path}/${project}/${environment}" => value
      }
    ]...),
    local.read_parameters.monitored_projects,
  )

  # Name of each valid parameter to the bus that it stands for. input_checks.tf reports the others.
  hub_buses = {
    for parameter, value in local.monitor_parameters : parameter => (
      can(regex(local.patterns.account_id, value)) ? "${local.bus_arns}:${value}:event-bus/${local.hub_bus}" : value
    )
    if can(regex(local.patterns.account_or_bus, value)) &&
    can(regex(local.patterns.word, trimprefix(parameter, "${var.monitors_path}/")))
  }
  spoke_buses = {
    for parameter, value in local.project_parameters : parameter => (
      can(regex(local.patterns.account_id, value)) ? "${local.bus_arns}:${value}:event-bus/${local.spoke_bus}" : value
    )
    if can(regex(local.patterns.account_or_bus, value)) && length(local.project_keys[parameter]) == 2 &&
    alltrue([for part in local.project_keys[parameter] : can(regex(local.patterns.word, part))])
  }

  # Project and environment of each parameter.
  project_keys = {
    for parameter in keys(local.project_parameters) : parameter => split("/", trimprefix(parameter, "${var.monitored_projects_path}/"))
  }

  forwarding = var.stage == "forwarding"

  # Several parameters can stand for one bus, which is a target if one of them is not on hold.
  hub_targets   = distinct([for parameter, bus in local.hub_buses : bus if local.forwarding && !contains(var.hold, parameter)])
  spoke_targets = distinct([for parameter, bus in local.spoke_buses : bus if local.forwarding && !contains(var.hold, parameter)])
}
