# Who is connected with whom, as Parameter Store or the caller has it: a parameter's whole name to its value.

data "aws_ssm_parameters_by_path" "monitors" {
  count = var.monitors == null ? 1 : 0

  path      = var.monitors_path
  recursive = true
}

data "aws_ssm_parameters_by_path" "monitored_projects" {
  count = var.monitored_projects == null ? 1 : 0

  path      = var.monitored_projects_path
  recursive = true
}

locals {
  # The provider takes every parameter's value for a secret, and a secret cannot name a resource. These are account ids.
  monitor_parameters = merge(
    { for hub, value in var.monitors == null ? {} : var.monitors : "${var.monitors_path}/${hub}" => value },
    [for read in data.aws_ssm_parameters_by_path.monitors : nonsensitive(zipmap(read.names, read.values))]...
  )
  project_parameters = merge(
    merge([
      for project, accounts in var.monitored_projects == null ? {} : var.monitored_projects : {
        for environment, value in accounts : "${var.monitored_projects_path}/${project}/${environment}" => value
      }
    ]...),
    [for read in data.aws_ssm_parameters_by_path.monitored_projects : nonsensitive(zipmap(read.names, read.values))]...
  )

  # Parameters that say what they should. What is wrong with the others stands in checks.tf; those on hold may be wrong.
  word       = "[A-Za-z0-9_.-]{1,64}"
  account_id = "^[0-9]{12}$"
  bus_arn    = "^arn:[a-z0-9-]+:events:[a-z0-9-]+:[0-9]{12}:event-bus/[A-Za-z0-9._/-]+$"

  # Name of the parameter to the bus it stands for.
  hub_buses = {
    for parameter, value in local.monitor_parameters : parameter =>
    can(regex(local.account_id, value)) ? "${local.bus_arns}:${value}:event-bus/${local.hub_bus}" : value
    if can(regex("${local.account_id}|${local.bus_arn}", value)) &&
    can(regex("^${local.word}$", trimprefix(parameter, "${var.monitors_path}/")))
  }
  spoke_buses = {
    for parameter, value in local.project_parameters : parameter =>
    can(regex(local.account_id, value)) ? "${local.bus_arns}:${value}:event-bus/${local.spoke_bus}" : value
    if can(regex("${local.account_id}|${local.bus_arn}", value)) &&
    can(regex("^${local.word}/${local.word}$", trimprefix(parameter, "${var.monitored_projects_path}/")))
  }

  forwarding = var.stage == "forwarding"

  # Several parameters may stand for one bus: it is sent to if one of them is not on hold.
  hub_targets   = distinct([for parameter, bus in local.hub_buses : bus if local.forwarding && !contains(var.hold, parameter)])
  spoke_targets = distinct([for parameter, bus in local.spoke_buses : bus if local.forwarding && !contains(var.hold, parameter)])
}
