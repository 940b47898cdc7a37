output "monitors" {
  description = "The hubs that this account reports to, as name to bus ARN."
  value       = { for parameter, bus in local.hub_buses : trimprefix(parameter, "${var.monitors_path}/") => bus }
}

output "monitored_projects" {
  description = "The spokes of this account, as project name to environment to bus ARN."
  value = {
    for project, entries in {
      for parameter, bus in local.spoke_buses :
      split("/", trimprefix(parameter, "${var.monitored_projects_path}/"))[0] => {
        environment = split("/", trimprefix(parameter, "${var.monitored_projects_path}/"))[1]
        bus         = bus
      }...
    } : project => { for entry in entries : entry.environment => entry.bus }
  }
}

output "forward_rule_names" {
  description = "Names of the forwarding rules: one for each bus that is sent to."
  value       = sort(flatten([for side in concat(module.hub_side, module.spoke_side) : side.rule_names]))
}

output "alarm_names" {
  description = "Names of the alarms that were made."
  value       = sort(flatten([for side in concat(module.hub_side, module.spoke_side) : side.alarm_names]))
}
