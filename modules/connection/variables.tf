variable "name" {
  description = "The name that hub and spoke of this account were given: prefix of every name made here, and of the buses."
  type        = string
  default     = "ds-dashboard"
  nullable    = false
  validation {
    # 32 leaves room for the longest role name, <name>-<region>-<purpose>, in the 64 characters IAM allows.
    condition     = can(regex("^[A-Za-z]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$", var.name))
    error_message = "Use 1 to 32 letters, digits and hyphens, beginning with a letter and not ending with a hyphen."
  }
}

variable "hub_bus_name" {
  description = "Name of the hubs' buses, here and in other accounts; null means <name>-hub."
  type        = string
  default     = null
  validation {
    condition     = var.hub_bus_name == null ? true : can(regex("^[A-Za-z0-9._-]{1,256}$", var.hub_bus_name))
    error_message = "Give the bus's name alone, such as ds-dashboard-hub; an ARN belongs into the parameter of the one connection it is for."
  }
}

variable "spoke_bus_name" {
  description = "Name of the spokes' buses, here and in other accounts; null means <name>-spoke."
  type        = string
  default     = null
  validation {
    condition     = var.spoke_bus_name == null ? true : can(regex("^[A-Za-z0-9._-]{1,256}$", var.spoke_bus_name))
    error_message = "Give the bus's name alone, such as ds-dashboard-spoke; an ARN belongs into the parameter of the one connection it is for."
  }
}

variable "stage" {
  description = "How far to go: \"permissions\" lets the other sides in and is for an account that has never forwarded; \"forwarding\" sends to them too, once they let this account in. A later connection waits in var.hold instead."
  type        = string
  default     = "forwarding"
  nullable    = false
  validation {
    condition     = contains(["permissions", "forwarding"], var.stage)
    error_message = "Use \"permissions\" in every account first, then \"forwarding\"; to keep back single connections use hold."
  }
}

variable "hold" {
  description = "Names of parameters kept at the permissions stage, such as /monitored_projects/Project1/dev, until the other side lets this account in."
  type        = set(string)
  default     = []
  nullable    = false
  validation {
    condition     = alltrue([for parameter in var.hold : startswith(parameter, "/")])
    error_message = "No names of parameters: ${jsonencode([for parameter in var.hold : parameter if !startswith(parameter, "/")])}. Give whole names, as Parameter Store has them: /monitored_projects/Project1/dev."
  }
}

variable "monitors_path" {
  description = "Parameter Store path under which the hubs that this account reports to are named, as <path>/<HubName>."
  type        = string
  default     = "/monitors"
  nullable    = false
  validation {
    condition     = can(regex("^(/[A-Za-z0-9_.-]+){1,10}$", var.monitors_path)) && !can(regex("(?i)^/(aws|ssm)", var.monitors_path))
    error_message = "Use a path such as /monitors: a leading slash, no trailing one, not below /aws or /ssm, which AWS keeps for itself."
  }
}

variable "monitored_projects_path" {
  description = "Parameter Store path under which the spokes of this account are registered, as <path>/<ProjectName>/<Environment>."
  type        = string
  default     = "/monitored_projects"
  nullable    = false
  validation {
    condition     = can(regex("^(/[A-Za-z0-9_.-]+){1,10}$", var.monitored_projects_path)) && !can(regex("(?i)^/(aws|ssm)", var.monitored_projects_path))
    error_message = "Use a path such as /monitored_projects: a leading slash, no trailing one, not below /aws or /ssm, which AWS keeps for itself."
  }
}

variable "monitors" {
  description = "Hubs to report to, as name to account id or bus ARN, for a root module that makes the spoke in the same apply; null reads Parameter Store."
  type        = map(string)
  default     = null
  validation {
    condition     = var.monitors == null ? true : alltrue([for hub in keys(var.monitors) : can(regex("^[A-Za-z0-9_.-]{1,64}$", hub))])
    error_message = "No names of hubs: ${jsonencode([for hub in try(keys(var.monitors), []) : hub if !can(regex("^[A-Za-z0-9_.-]{1,64}$", hub))])}. Use 1 to 64 letters, digits, dots, hyphens and underscores; pass on output monitors of the spoke."
  }
}

variable "monitored_projects" {
  description = "Spokes to ask, as project name to environment to account id or bus ARN, for a root module that makes the hub in the same apply; null reads Parameter Store."
  type        = map(map(string))
  default     = null
  validation {
    condition     = var.monitored_projects == null ? true : alltrue(flatten([for project, accounts in var.monitored_projects : [for word in concat([project], keys(accounts)) : can(regex("^[A-Za-z0-9_.-]{1,64}$", word))]]))
    error_message = "No names of projects or environments: ${jsonencode(try(flatten([for project, accounts in var.monitored_projects : [for word in concat([project], keys(accounts)) : word if !can(regex("^[A-Za-z0-9_.-]{1,64}$", word))]]), []))}. Use 1 to 64 letters, digits, dots, hyphens and underscores; pass on output monitored_projects of the hub."
  }
}

variable "allow_none" {
  description = "Whether it is meant when no parameter is found at all, which disconnects everything here."
  type        = bool
  default     = false
  nullable    = false
}
