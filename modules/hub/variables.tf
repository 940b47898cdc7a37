variable "name" {
  description = "Prefix of all names. A change is a new installation and destroys all values. Another hub in the account needs another name and monitored_projects_path, or both have the same spokes."
  type        = string
  default     = "ds-dashboard"
  nullable    = false
  validation {
    condition     = can(regex(local.patterns.name, var.name))
    error_message = "Use 1 to 32 letters, digits and hyphens. Begin with a letter and do not end with a hyphen."
  }
}

variable "monitored_projects_path" {
  description = "Parameter Store path under which this account registers its spokes, as <path>/<ProjectName>/<Environment>."
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

variable "monitored_projects" {
  description = "Spokes to register, as project name to environment to account ID or bus ARN. An alternative to `aws ssm put-parameter`."
  type        = map(map(string))
  default     = {}
  nullable    = false
  validation {
    condition = alltrue(flatten([
      for project, spokes in var.monitored_projects : [
        for part in concat([project], try(keys(spokes), [null])) : can(regex(local.patterns.word, part))
      ]
    ]))
    error_message = join(" ", [
      "Invalid names of projects or environments: ${jsonencode(flatten([
        for project, spokes in var.monitored_projects : [
          for part in concat([project], try(keys(spokes), [null])) : part if !can(regex(local.patterns.word, part))
        ]
      ]))}.",
      "Use 1 to 64 letters, digits, dots, hyphens and underscores, exactly as in project_name and environment of the spoke.",
    ])
  }
  validation {
    condition = alltrue(flatten([
      for spokes in var.monitored_projects : [
        for value in try(values(spokes), []) : can(regex(local.patterns.account_or_bus, value))
      ]
    ]))
    error_message = join(" ", [
      "These values are not account IDs or bus ARNs: ${jsonencode(merge([
        for project, spokes in var.monitored_projects : {
          for environment, value in spokes : "${project}/${environment}" => value
          if !can(regex(local.patterns.account_or_bus, value))
        }
      ]...))}.",
      "Use the spoke's 12-digit account ID, or its event bus ARN (output event_bus_arn of the spoke) if its region or bus name",
      "differs from this account's. The name of a custom bus has no slash.",
    ])
  }
}

variable "refresh_schedule" {
  description = "Schedule for refreshes of all spokes, as an EventBridge Scheduler expression in UTC. Null means only on demand."
  type        = string
  default     = null
  validation {
    condition = var.refresh_schedule == null ? true : can(regex(lookup(local.patterns, "schedule", null), var.refresh_schedule))
    error_message = join(" ", [
      "EventBridge Scheduler rejects the refresh_schedule ${jsonencode(var.refresh_schedule)}.",
      "Use rate(1 day) with minutes, hours or days, cron(0 6 * * ? *) with six fields, or null to refresh only on demand.",
    ])
  }
}

variable "silent_after" {
  description = "Hours without a run event after which a registered spoke counts as silent."
  type        = number
  default     = 26
  nullable    = false
  validation {
    condition     = var.silent_after >= 1 && var.silent_after <= 8760 && floor(var.silent_after) == var.silent_after
    error_message = "Use a whole number of hours from 1 to 8760 that is longer than the time between two extractions: 26 for a daily schedule."
  }
}

variable "retention_days" {
  description = "Days after which a value expires from the history table. A change applies to values written from then on. Null keeps values forever."
  type        = number
  default     = null
  validation {
    # One hundred years. Much later dates overflow.
    condition = var.retention_days == null ? true : (
      var.retention_days >= 1 && var.retention_days <= 36500 && floor(var.retention_days) == var.retention_days
    )
    error_message = "Use a whole number of days from 1 to 36500, or null to keep values forever."
  }
}

variable "event_archive_days" {
  description = "Days for which EventBridge archives received events, under an AWS-owned key, for `ds-dashboard replay`. Null disables the archive."
  type        = number
  default     = null
  validation {
    condition     = var.event_archive_days == null ? true : var.event_archive_days >= 1 && floor(var.event_archive_days) == var.event_archive_days
    error_message = "Use a whole number of days, at least 1, or null to disable the event archive."
  }
}

variable "deletion_protection" {
  description = "Whether the tables have deletion protection, and the bucket of the report stays if it has reports. Apply with false before `terraform destroy` or `report = null`."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_retention_days" {
  description = "Retention of the functions' logs in days."
  type        = number
  default     = 90
  nullable    = false
  validation {
    condition     = contains(local.log_retentions, var.log_retention_days)
    error_message = "CloudWatch Logs accepts only ${join(", ", local.log_retentions)} days. Use the next longer one."
  }
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
  description = "Alarms not to create, by their names in output alarm_names without the prefix, such as extraction-failures."
  type        = set(string)
  default     = []
  nullable    = false
  validation {
    condition = length(setsubtract(var.disabled_alarms, keys(local.alarms))) == 0
    error_message = join(" ", [
      "There are no alarms named ${join(", ", [for name in setsubtract(var.disabled_alarms, keys(local.alarms)) : name == null ? "null" : name])}.",
      "The alarms are ${join(", ", keys(local.alarms))}.",
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
