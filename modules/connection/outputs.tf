output "monitors" {
  description = "Hubs that this account reports to, as name to bus ARN."
  value       = { for parameter, bus in local.hub_buses : trimprefix(parameter, "${var.monitors_path}/") => bus }
}

output "monitored_projects" {
  description = "Spokes of this account, as project name to environment to bus ARN."
  value = {
    for project, entries in {
      for parameter, bus in local.spoke_buses :
      local.project_keys[parameter][0] => { environment = local.project_keys[parameter][1], bus = bus }...
    } : project => { for entry in entries : entry.environment => entry.bus }
  }
}

output "forward_rule_names" {
  description = "Names of the forwarding rules, one for each target bus."
  value       = sort(flatten([for forwarding in concat(module.hub_forwarding, module.spoke_forwarding) : forwarding.rule_names]))
}

output "alarm_names" {
  description = "Names of the alarms."
  value       = sort(flatten([for forwarding in concat(module.hub_forwarding, module.spoke_forwarding) : forwarding.alarm_names]))
}
