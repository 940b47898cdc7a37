variable "name" {
  description = "Prefix of all names. A change destroys everything: it is a new installation. Another spoke in the account needs another name and monitors_path, or both report to the same hubs."
  type        = string
  default     = "ds-dashboard"
  nullable    = false
  validation {
    condition     = can(regex(local.patterns.name, var.name))
    error_message = "Use 1 to 32 letters, digits and hyphens. Begin with a letter and do not end with a hyphen."
  }
}

variable "project_name" {
  description = "Name of the project that this account belongs to, as the hub registers it under <path>/<project_name>/<environment>."
  type        = string
  validation {
    condition     = can(regex(local.patterns.word, var.project_name))
    error_message = "Use 1 to 64 letters, digits, dots, hyphens and underscores. The name is a part of a parameter's name and of table keys."
  }
}

variable "environment" {
  description = "Environment of the project, such as dev or prod, as the hub registers it under <path>/<project_name>/<environment>."
  type        = string
  validation {
    condition     = can(regex(local.patterns.word, var.environment))
    error_message = "Use 1 to 64 letters, digits, dots, hyphens and underscores. The name is a part of a parameter's name and of table keys."
  }
}

variable "schedule_expression" {
  description = "Schedule of extractions, as an EventBridge Scheduler expression in UTC. Intervals of an hour or more start within a window of 15 minutes. Null means only on refresh."
  type        = string
  default     = null
  validation {
    condition = var.schedule_expression == null ? true : can(regex(lookup(local.patterns, "schedule", null), var.schedule_expression))
    error_message = join(" ", [
      "EventBridge Scheduler rejects the schedule_expression ${jsonencode(var.schedule_expression)}.",
      "Use rate(1 day) with minutes, hours or days, cron(0 6 * * ? *) with six fields, or null to extract only on refresh.",
    ])
  }
}

variable "timeout_seconds" {
  description = "Timeout of an extraction in seconds. Metrics that are not computed by then are reported as failed."
  type        = number
  default     = 300
  nullable    = false
  validation {
    condition     = var.timeout_seconds >= 10 && var.timeout_seconds <= 900 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "Use a whole number from 10 to 900, which is Lambda's limit."
  }
}

variable "memory_mb" {
  description = "Memory of the extraction function in MB. Its CPU power grows with the memory."
  type        = number
  default     = 512
  nullable    = false
  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240 && floor(var.memory_mb) == var.memory_mb
    error_message = "Use a whole number from 128 to 10240, the limits of Lambda."
  }
}

variable "queue_max_message_size" {
  description = "Maximum size of a message on the dead-letter queues, in bytes; larger dead letters are lost. Over 262144 requires AWS provider 6.8. Use the hub's value."
  type        = number
  default     = 262144
  nullable    = false
  validation {
    condition = (
      var.queue_max_message_size >= 262144 && var.queue_max_message_size <= 1048576 &&
      floor(var.queue_max_message_size) == var.queue_max_message_size
    )
    error_message = "Use a whole number of bytes from 262144 (256 KiB) to 1048576 (1 MiB), the limit of SQS. EventBridge takes events of 1 MB."
  }
}

variable "monitors_path" {
  description = "Parameter Store path under which this account registers the hubs that it reports to, as <path>/<HubName>."
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

variable "monitors" {
  description = "Hubs to report to, as a name of your choice to account ID or bus ARN. An alternative to `aws ssm put-parameter`."
  type        = map(string)
  default     = {}
  nullable    = false
  validation {
    condition = alltrue([for hub in keys(var.monitors) : can(regex(local.patterns.word, hub))])
    error_message = join(" ", [
      "Invalid names of hubs: ${jsonencode([for hub in keys(var.monitors) : hub if !can(regex(local.patterns.word, hub))])}.",
      "Use 1 to 64 letters, digits, dots, hyphens and underscores.",
    ])
  }
  validation {
    condition = alltrue([
      for value in values(var.monitors) : can(regex(local.patterns.account_or_bus, value))
    ])
    error_message = join(" ", [
      "These values are not account IDs or bus ARNs: ${jsonencode({
        for hub, value in var.monitors : hub => value
        if !can(regex(local.patterns.account_or_bus, value))
      })}.",
      "Use the hub's 12-digit account ID, or its event bus ARN (output event_bus_arn of the hub) if its region or bus name",
      "differs from this account's. The name of a custom bus has no slash.",
    ])
  }
}

variable "log_retention_days" {
  description = "Retention of the function's logs in days."
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
  description = "Alarms not to create, by their names in output alarm_names without the prefix, such as extraction-errors."
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
