variable "name" {
  description = "Name of this account's hub and spoke, and prefix of all names. A change disconnects everything and connects the hub and the spoke of the new name, which must exist."
  type        = string
  default     = "ds-dashboard"
  nullable    = false
  validation {
    condition     = can(regex(local.patterns.name, var.name))
    error_message = "Use 1 to 32 letters, digits and hyphens. Begin with a letter and do not end with a hyphen."
  }
}

variable "hub_bus_name" {
  description = "Name of the event bus of hubs, in this account and in others. Null means <name>-hub."
  type        = string
  default     = null
  validation {
    condition     = var.hub_bus_name == null ? true : can(regex(local.patterns.bus_name, var.hub_bus_name))
    error_message = "Use the name of a custom bus, such as ds-dashboard-hub. To connect to one bus by its ARN, use the ARN as the parameter's value."
  }
}

variable "spoke_bus_name" {
  description = "Name of the event bus of spokes, in this account and in others. Null means <name>-spoke."
  type        = string
  default     = null
  validation {
    condition     = var.spoke_bus_name == null ? true : can(regex(local.patterns.bus_name, var.spoke_bus_name))
    error_message = "Use the name of a custom bus, such as ds-dashboard-spoke. To connect to one bus by its ARN, use the ARN as the parameter's value."
  }
}

variable "stage" {
  description = "Stage to apply: \"permissions\" lets other accounts send, in an account that has never forwarded; \"forwarding\" also sends to them."
  type        = string
  default     = "forwarding"
  nullable    = false
  validation {
    condition     = contains(["permissions", "forwarding"], var.stage)
    error_message = "Use \"permissions\" in every account first, then \"forwarding\". To hold back single connections, use hold."
  }
}

variable "hold" {
  description = "Names of parameters to keep at the permissions stage until the other account is applied, such as /monitored_projects/Project1/dev."
  type        = set(string)
  default     = []
  nullable    = false
  validation {
    condition = alltrue([for parameter in var.hold : try(startswith(parameter, "/"), false)])
    error_message = join(" ", [
      "Invalid names of parameters: ${jsonencode([for parameter in var.hold : parameter if !try(startswith(parameter, "/"), false)])}.",
      "Use full names, as in Parameter Store: /monitored_projects/Project1/dev.",
    ])
  }
}

variable "monitors_path" {
  description = "Parameter Store path under which the hubs of this account are registered, as <path>/<HubName>."
  type        = string
  default     = "/monitors"
  nullable    = false
  validation {
    condition = (
      can(regex(local.patterns.parameter_path, var.monitors_path)) &&
      !can(regex(local.patterns.reserved_path, var.monitors_path))
    )
    error_message = join(" ", [
      "Use a path such as /monitors: with a leading slash, without a trailing slash,",
      "and not under /aws or /ssm, which AWS reserves.",
    ])
  }
}

variable "monitored_projects_path" {
  description = "Parameter Store path under which the spokes of this account are registered, as <path>/<ProjectName>/<Environment>."
  type        = string
  default     = "/monitored_projects"
  nullable    = false
  validation {
    condition = (
      can(regex(local.patterns.parameter_path, var.monitored_projects_path)) &&
      !can(regex(local.patterns.reserved_path, var.monitored_projects_path))
    )
    error_message = join(" ", [
      "Use a path such as /monitored_projects: with a leading slash, without a trailing slash,",
      "and not under /aws or /ssm, which AWS reserves.",
    ])
  }
}

variable "monitors" {
  description = "Hubs to report to, as name to account ID or bus ARN. Set it if the spoke is in the same root module. Null reads Parameter Store."
  type        = map(string)
  default     = null
  validation {
    condition = var.monitors == null ? true : alltrue([for hub in keys(var.monitors) : can(regex(local.patterns.word, hub))])
    error_message = join(" ", [
      "Invalid names of hubs: ${jsonencode([
        for hub in try(keys(var.monitors), []) : hub if !can(regex(local.patterns.word, hub))
      ])}.",
      "Use 1 to 64 letters, digits, dots, hyphens and underscores, or pass output monitors of the spoke.",
    ])
  }
}

variable "monitored_projects" {
  description = "Spokes to listen to, as project name to environment to account ID or bus ARN. Set it if the hub is in the same root module. Null reads Parameter Store."
  type        = map(map(string))
  default     = null
  validation {
    condition = var.monitored_projects == null ? true : alltrue(flatten([
      for project, spokes in var.monitored_projects : [
        for part in concat([project], try(keys(spokes), [null])) : can(regex(local.patterns.word, part))
      ]
    ]))
    error_message = join(" ", [
      "Invalid names of projects or environments: ${jsonencode(try(flatten([
        for project, spokes in var.monitored_projects : [
          for part in concat([project], try(keys(spokes), [null])) : part if !can(regex(local.patterns.word, part))
        ]
      ]), []))}.",
      "Use 1 to 64 letters, digits, dots, hyphens and underscores, or pass output monitored_projects of the hub.",
    ])
  }
}

variable "allow_none" {
  description = "Whether to continue if there are no parameters at all, which disconnects everything in this account."
  type        = bool
  default     = false
  nullable    = false
}

variable "alarm_actions" {
  description = "ARNs of SNS topics that alarms notify when they go into alarm and when they recover."
  type        = list(string)
  default     = []
  nullable    = false
  validation {
    condition = alltrue([for arn in var.alarm_actions : can(regex(local.patterns.topic_arn, arn))])
    error_message = join(" ", [
      "These are not ARNs of SNS topics: ${jsonencode([for arn in var.alarm_actions : arn if !can(regex(local.patterns.topic_arn, arn))])}.",
      "Use ARNs such as arn:aws:sns:eu-west-1:111122223333:alarms, and subscribe e-mail addresses or chat channels to the topic.",
    ])
  }
  validation {
    condition = length(distinct(var.alarm_actions)) <= 5
    error_message = join(" ", [
      "alarm_actions has ${length(distinct(var.alarm_actions))} topics, and CloudWatch allows 5 for each alarm.",
      "Use fewer topics, and subscribe more endpoints to one of them.",
    ])
  }
}

variable "disabled_alarms" {
  description = "Alarms not to create, by their names in output alarm_names without the prefix, such as to-hubs-dead-letters-not-empty."
  type        = set(string)
  default     = []
  nullable    = false
  validation {
    condition = length(setsubtract(var.disabled_alarms, local.alarms)) == 0
    error_message = join(" ", [
      "There are no alarms named ${join(", ", [for name in setsubtract(var.disabled_alarms, local.alarms) : name == null ? "null" : name])}.",
      "The alarms are ${join(", ", local.alarms)}.",
    ])
  }
}

variable "tags" {
  description = "Tags for all resources that support tags."
  type        = map(string)
  default     = {}
  nullable    = false
  validation {
    condition     = length(var.tags) <= 50
    error_message = "AWS allows 50 tags per resource, and these are ${length(var.tags)} tags. Remove some."
  }
  validation {
    condition = alltrue([
      for key, value in var.tags :
      can(regex(local.patterns.tag_key, key)) && !can(regex(local.patterns.reserved_tag, key)) && try(length(value) <= 256, false)
    ])
    error_message = join(" ", [
      "AWS rejects the tags with these keys: ${jsonencode([
        for key, value in var.tags : key
        if !can(regex(local.patterns.tag_key, key)) || can(regex(local.patterns.reserved_tag, key)) || !try(length(value) <= 256, false)
      ])}.",
      "Use keys of 1 to 128 characters that do not begin with aws:, and values of at most 256 characters.",
    ])
  }
}
