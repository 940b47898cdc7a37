variable "name" {
  description = "Prefix of every name this module makes; a second installation in the account needs another one."
  type        = string
  default     = "ds-dashboard"
  nullable    = false
  validation {
    # 32 leaves room for the longest role name, <name>-<region>-<purpose>, in the 64 characters IAM allows.
    condition     = can(regex("^[A-Za-z]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$", var.name))
    error_message = "Use 1 to 32 letters, digits and hyphens, beginning with a letter and not ending with a hyphen."
  }
}

variable "project_name" {
  description = "The project this account works for, as it is registered in the hub's <path>/<project_name>/<environment>."
  type        = string
  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{1,64}$", var.project_name))
    error_message = "Use 1 to 64 letters, digits, dots, hyphens and underscores: the name becomes part of a parameter's name and of table keys."
  }
}

variable "environment" {
  description = "The environment this account is for, such as dev or prod, as it is registered in the hub's <path>/<project_name>/<environment>."
  type        = string
  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{1,64}$", var.environment))
    error_message = "Use 1 to 64 letters, digits, dots, hyphens and underscores: the name becomes part of a parameter's name and of table keys."
  }
}

variable "metrics" {
  description = "Names of the metrics to extract; docs/metrics.md lists them. The function gets these metrics' permissions and no others."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "metric_instances" {
  description = "Metrics that take arguments, as name of the value to class and arguments; the same class may stand several times. Structured arguments are JSON."
  type = map(object({
    class     = string
    arguments = optional(map(string), {})
  }))
  default  = {}
  nullable = false
  validation {
    condition     = alltrue([for name in keys(var.metric_instances) : length(name) >= 1 && length(name) <= 128 && !strcontains(name, "#")])
    error_message = "No names of metrics: ${jsonencode([for name in keys(var.metric_instances) : name if length(name) < 1 || length(name) > 128 || strcontains(name, "#")])}. Names in metric_instances become MetricName: use 1 to 128 characters without #."
  }
}

variable "schedule_expression" {
  description = "How often to extract, as an EventBridge Scheduler expression in UTC; null means only on refresh. What runs hourly or less often starts within a window of 15 minutes, so that a thousand spokes do not start at once."
  type        = string
  default     = null
  validation {
    condition     = var.schedule_expression == null ? true : can(regex("^(rate\\([1-9][0-9]* (minute|hour|day)s?\\)|cron\\(\\S+( +\\S+){5}\\))$", var.schedule_expression))
    error_message = "Use rate(1 day), in minutes, hours or days, cron(0 6 * * ? *), with six fields, or null to extract only on refresh."
  }
}

variable "timeout_seconds" {
  description = "Seconds an extraction may take; what is not done by then is reported as failed."
  type        = number
  default     = 300
  nullable    = false
  validation {
    condition     = var.timeout_seconds >= 10 && var.timeout_seconds <= 900 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "Use a whole number from 10 to 900; 900 seconds is Lambda's limit."
  }
}

variable "memory_mb" {
  description = "Memory of the extraction function in MB; its share of processor grows with it."
  type        = number
  default     = 512
  nullable    = false
  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240 && floor(var.memory_mb) == var.memory_mb
    error_message = "Use a whole number from 128 to 10240, Lambda's limits."
  }
}

variable "monitors_path" {
  description = "Parameter Store path under which this account names the hubs it reports to, as <path>/<HubName>."
  type        = string
  default     = "/monitors"
  nullable    = false
  validation {
    condition     = can(regex("^(/[A-Za-z0-9_.-]+){1,10}$", var.monitors_path)) && !can(regex("(?i)^/(aws|ssm)", var.monitors_path))
    error_message = "Use a path such as /monitors: a leading slash, no trailing one, not below /aws or /ssm, which AWS keeps for itself."
  }
}

variable "monitors" {
  description = "Hubs to report to, as a name of your choice to the hub's account id or bus ARN; for those who prefer Terraform to `aws ssm put-parameter`."
  type        = map(string)
  default     = {}
  nullable    = false
  validation {
    condition     = alltrue([for hub in keys(var.monitors) : can(regex("^[A-Za-z0-9_.-]{1,64}$", hub))])
    error_message = "No names of hubs: ${jsonencode([for hub in keys(var.monitors) : hub if !can(regex("^[A-Za-z0-9_.-]{1,64}$", hub))])}. Use 1 to 64 letters, digits, dots, hyphens and underscores."
  }
  validation {
    condition     = alltrue([for value in values(var.monitors) : can(regex("^([0-9]{12}|arn:[a-z0-9-]+:events:[a-z0-9-]+:[0-9]{12}:event-bus/[A-Za-z0-9._/-]+)$", value))])
    error_message = "These name no account: ${jsonencode({ for hub, value in var.monitors : hub => value if !can(regex("^([0-9]{12}|arn:[a-z0-9-]+:events:[a-z0-9-]+:[0-9]{12}:event-bus/[A-Za-z0-9._/-]+)$", value)) })}. Give each hub's 12-digit account id, or its event bus ARN (output event_bus_arn of the hub) where region or bus name differ from this account's."
  }
}

variable "log_retention_days" {
  description = "Days for which CloudWatch keeps the function's logs."
  type        = number
  default     = 90
  nullable    = false
  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch knows only 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 and 3653 days; take the next longer one."
  }
}

variable "alarm_actions" {
  description = "ARNs of SNS topics that alarms notify when they go off and when they recover."
  type        = list(string)
  default     = []
  nullable    = false
  validation {
    condition     = alltrue([for arn in var.alarm_actions : can(regex("^arn:[a-z0-9-]+:sns:", arn))])
    error_message = "No SNS topics: ${jsonencode([for arn in var.alarm_actions : arn if !can(regex("^arn:[a-z0-9-]+:sns:", arn))])}. Give ARNs, such as arn:aws:sns:eu-west-1:111122223333:alarms; subscribe e-mail or chat to the topic."
  }
}

variable "disabled_alarms" {
  description = "Alarms not to make, by the names in output alarm_names without their prefix, such as extraction-errors."
  type        = set(string)
  default     = []
  nullable    = false
  validation {
    condition     = length(setsubtract(var.disabled_alarms, keys(local.alarms))) == 0
    error_message = "No such alarms: ${join(", ", setsubtract(var.disabled_alarms, keys(local.alarms)))}. There are: ${join(", ", keys(local.alarms))}."
  }
}

variable "tags" {
  description = "Tags for everything that takes tags."
  type        = map(string)
  default     = {}
  nullable    = false
  validation {
    condition     = length(var.tags) <= 50 && alltrue([for key, value in var.tags : length(key) >= 1 && length(key) <= 128 && !startswith(lower(key), "aws:") && try(length(value) <= 256, false)])
    error_message = "${length(var.tags)} tags, of which AWS takes none of these keys: ${jsonencode([for key, value in var.tags : key if length(key) < 1 || length(key) > 128 || startswith(lower(key), "aws:") || !try(length(value) <= 256, false)])}. It takes 50 tags, keys of 1 to 128 characters that do not begin with aws:, and values of at most 256."
  }
}
