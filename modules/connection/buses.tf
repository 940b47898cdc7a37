# This account's buses. A plan reports a bus that does not exist before anything is destroyed: after a change of `name`, and after
# the hub or the spoke was destroyed first.

locals {
  # Without Parameter Store, hub or spoke can be in the same root module, and their buses need not exist before an apply.
  required_buses = concat(
    var.monitored_projects == null && length(local.spoke_buses) > 0 ? [local.hub_bus] : [],
    var.monitors == null && length(local.hub_buses) > 0 ? [local.spoke_bus] : [],
  )
}

data "aws_cloudwatch_event_buses" "own" {
  count = length(local.required_buses) > 0 ? 1 : 0

  lifecycle {
    # Terraform destroys without it, because a connection must be destroyed even if its bus is gone. The data source of a single
    # bus would fail then.
    postcondition {
      condition = length(setsubtract(local.required_buses, self.event_buses[*].name)) == 0
      error_message = join(" ", [
        "There is no event bus ${join(", ", setsubtract(local.required_buses, self.event_buses[*].name))}",
        "in account ${local.account}, region ${local.region}, and this account has parameters that need it.",
        "Apply the hub or the spoke first, and use its name here: var.name is ${var.name}.",
        "If it is in this root module, pass its output monitored_projects or monitors.",
        "If it was destroyed, destroy this connection too, or delete the parameters and set allow_none = true.",
      ])
    }
  }

  # Read during the first apply, which may create the bus, and by every plan after it.
  depends_on = [terraform_data.checks]
}

# The names of the buses, available after the lookup, and known before: a first apply without the bus creates nothing.
locals {
  found_hub_bus   = [local.hub_bus, data.aws_cloudwatch_event_buses.own][0]
  found_spoke_bus = [local.spoke_bus, data.aws_cloudwatch_event_buses.own][0]
}
