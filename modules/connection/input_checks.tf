# Checks of the parameters, whether they come from Parameter Store or from the caller.

locals {
  parameters = merge(local.monitor_parameters, local.project_parameters)

  # Parameters with an invalid name or value. Those on hold may be invalid, and other checks report the deep ones.
  # `contains` in a loop would compare each parameter with all others: half of the plan time of 1,500 spokes.
  accepted_parameters = toset(concat(keys(local.hub_buses), keys(local.spoke_buses), local.deep_parameters, tolist(var.hold)))
  invalid_parameters = [
    for parameter in sort(setsubtract(keys(local.parameters), local.accepted_parameters)) :
    "${parameter} = ${jsonencode(local.parameters[parameter])}"
  ]
  # Without decryption, its value is unknown. A type cannot be changed.
  encrypted_remedy = contains([for parameter, value in local.parameters : value if !contains(var.hold, parameter)], local.encrypted) ? (
    "${local.encrypted} stands for an encrypted parameter: delete it, and put it again with --type String."
  ) : ""

  # Parameter Store is read recursively, so that parameters of an installation with a path below are read too.
  deep_parameters = concat(
    [
      for parameter in keys(local.monitor_parameters) : parameter
      if length(split("/", trimprefix(parameter, "${var.monitors_path}/"))) > 1 && !contains(var.hold, parameter)
    ],
    [
      for parameter, key in local.project_keys : parameter if length(key) > 2 && !contains(var.hold, parameter)
    ],
  )
  paths_overlap = (
    startswith("${var.monitors_path}/", "${var.monitored_projects_path}/") ||
    startswith("${var.monitored_projects_path}/", "${var.monitors_path}/")
  )

  foreign_buses = [
    for parameter, bus in merge(local.hub_buses, local.spoke_buses) : "${parameter} = ${jsonencode(bus)}"
    if split(":", bus)[1] != local.partition && !contains(var.hold, parameter)
  ]

  # What is unknown at plan time is checked when it is known.
  foreign_topics = [
    for arn in var.alarm_actions : arn if join(":", slice(split(":", arn), 1, 4)) != "${local.partition}:sns:${local.region}"
  ]
  foreign_arns = [
    for arn in compact([var.permissions_boundary_arn]) : "permissions_boundary_arn = ${arn}" if split(":", arn)[1] != local.partition
  ]

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

  rules_quota = coalesce(var.rules_quota, contains(["af-south-1", "eu-south-1"], local.region) ? 100 : 300)
  # Each bus has one more rule, the archive's or the extraction's. A hub's bus can also have the rule of its event archive.
  bus_rules = [
    { bus = local.hub_bus, forwarding = length(local.spoke_targets), other = 2 },
    { bus = local.spoke_bus, forwarding = length(local.hub_targets), other = 1 },
  ]
  over_quota = [
    for rules in local.bus_rules : "${rules.forwarding} forwarding rules and ${rules.other} other on ${rules.bus}"
    if rules.forwarding + rules.other > local.rules_quota
  ]
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
      error_message = join(" ", compact([
        "Invalid parameters: ${join("; ", local.invalid_parameters)}.",
        "Use names ${var.monitors_path}/<HubName> and ${var.monitored_projects_path}/<ProjectName>/<Environment>,",
        "and values that are a 12-digit account ID or an event bus ARN, without spaces and without a slash in the bus name.",
        "Correct them, or add their names to hold.",
        local.encrypted_remedy,
      ]))
    }
    precondition {
      condition = length(local.deep_parameters) == 0
      error_message = join(" ", [
        "These parameters are too far below ${var.monitors_path} and ${var.monitored_projects_path}, whose parameters are",
        "<HubName> and <ProjectName>/<Environment>: ${join(", ", local.deep_parameters)}.",
        "If another installation has its path there, give it a path that is not below another's, such as /team-a/monitors.",
        "Otherwise, correct them.",
      ])
    }
    precondition {
      condition = !local.paths_overlap
      error_message = join(" ", [
        "monitors_path ${var.monitors_path} and monitored_projects_path ${var.monitored_projects_path} must not be below each other:",
        "hubs would be read as spokes. Use paths such as /team-a/monitors and /team-a/monitored_projects.",
      ])
    }
    precondition {
      condition = length(local.foreign_buses) == 0
      error_message = join(" ", [
        "These parameters have buses of another partition than ${local.partition}: ${join("; ", local.foreign_buses)}.",
        "No event leaves a partition. Correct the ARNs, or use one hub in each partition.",
      ])
    }
    precondition {
      condition = length(local.foreign_topics) == 0
      error_message = join(" ", [
        "alarm_actions has topics outside of region ${local.region} of partition ${local.partition}: ${join(", ", local.foreign_topics)}.",
        "An alarm can notify topics in its own region only. Use a topic in this region.",
      ])
    }
    precondition {
      condition = length(local.foreign_arns) == 0
      error_message = join(" ", [
        "These ARNs are outside of region ${local.region} or partition ${local.partition}: ${join(", ", local.foreign_arns)}.",
        "Use resources of this region and partition.",
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
      condition = length(local.over_quota) == 0
      error_message = join(" ", [
        "${join("; ", local.over_quota)} exceed the quota of ${local.rules_quota} rules in ${local.region}.",
        "Request a higher quota for rules per event bus (Service Quotas, EventBridge), then set rules_quota.",
        "Or divide the spokes between several hubs.",
      ])
    }
    precondition {
      condition = var.queue_max_message_size == local.queue_max_message_size
      error_message = join(" ", [
        "queue_max_message_size is ${var.queue_max_message_size}, and this AWS provider creates queues for messages of at most",
        "${local.queue_max_message_size} bytes. Use version 6.8 or newer of the provider: version = \">= 6.8\" in required_providers,",
        "then `terraform init -upgrade`. Or remove queue_max_message_size.",
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
