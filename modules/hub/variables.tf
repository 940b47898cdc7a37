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

variable "monitored_projects_path" {
  description = "Parameter Store path under which this account registers its spokes, as <path>/<ProjectName>/<Environment>."
  type        = string
  default     = "/monitored_projects"
  nullable    = false
  validation {
    condition     = can(regex("^(/[A-Za-z0-9_.-]+){1,10}$", var.monitored_projects_path)) && !can(regex("(?i)^/(aws|ssm)", var.monitored_projects_path))
    error_message = "Use a path such as /monitored_projects: a leading slash, no trailing one, not below /aws or /ssm, which AWS keeps for itself."
  }
}

variable "monitored_projects" {
  description = "Spokes to register, as project name to environment to the spoke's account id or bus ARN; for those who prefer Terraform to `aws ssm put-parameter`."
  type        = map(map(string))
  default     = {}
  nullable    = false
  validation {
    condition     = alltrue(flatten([for project, accounts in var.monitored_projects : [for word in concat([project], keys(accounts)) : can(regex("^[A-Za-z0-9_.-]{1,64}$", word))]]))
    error_message = "No names of projects or environments: ${jsonencode(flatten([for project, accounts in var.monitored_projects : [for word in concat([project], keys(accounts)) : word if !can(regex("^[A-Za-z0-9_.-]{1,64}$", word))]]))}. Use 1 to 64 letters, digits, dots, hyphens and underscores, exactly as the spoke has them in project_name and environment."
  }
  validation {
    condition     = alltrue(flatten([for accounts in var.monitored_projects : [for value in accounts : can(regex("^([0-9]{12}|arn:[a-z0-9-]+:events:[a-z0-9-]+:[0-9]{12}:event-bus/[A-Za-z0-9._/-]+)$", value))]]))
    error_message = "These name no account: ${jsonencode(merge([for project, accounts in var.monitored_projects : { for environment, value in accounts : "${project}/${environment}" => value if !can(regex("^([0-9]{12}|arn:[a-z0-9-]+:events:[a-z0-9-]+:[0-9]{12}:event-bus/[A-Za-z0-9._/-]+)$", value)) }]...))}. Give each environment the spoke's 12-digit account id, or its event bus ARN (output event_bus_arn of the spoke) where region or bus name differ from this account's."
  }
}

variable "refresh_schedule" {
  description = "When to ask all spokes for fresh values, as an EventBridge Scheduler expression in UTC; null means only when the refresh function is called."
  type        = string
  default     = null
  validation {
    condition     = var.refresh_schedule == null ? true : can(regex("^(rate\\([1-9][0-9]* (minute|hour|day)s?\\)|cron\\(\\S+( +\\S+){5}\\))$", var.refresh_schedule))
    error_message = "Use rate(1 day), in minutes, hours or days, cron(0 6 * * ? *), with six fields, or null to refresh only when asked."
  }
}

variable "silent_after" {
  description = "Hours without a run event after which a registered spoke counts as silent."
  type        = number
  default     = 26
  nullable    = false
  validation {
    condition     = var.silent_after >= 1 && var.silent_after <= 8760 && floor(var.silent_after) == var.silent_after
    error_message = "Use a whole number of hours, a year (8760) at most and longer than the time between two extractions: 26 for a daily schedule."
  }
}

variable "retention_days" {
  description = "Days after which a value leaves the history table; null keeps values for ever."
  type        = number
  default     = null
  validation {
    # A hundred years; a date plus many more is none that a computer knows.
    condition     = var.retention_days == null ? true : var.retention_days >= 1 && var.retention_days <= 36500 && floor(var.retention_days) == var.retention_days
    error_message = "Use a whole number of days from 1 to 36500, or null to keep values for ever."
  }
}

variable "event_archive_days" {
  description = "Days for which EventBridge keeps what arrives on the bus, for `ds-dashboard replay`; null keeps nothing. It is one more rule on the bus, and AWS's own key encrypts it, whatever kms_key_arn says."
  type        = number
  default     = null
  validation {
    condition     = var.event_archive_days == null ? true : var.event_archive_days >= 1 && floor(var.event_archive_days) == var.event_archive_days
    error_message = "Use a whole number of days, at least 1, or null for no archive of events."
  }
}

variable "archive_concurrency" {
  description = "How many copies of the archive function may write at once; each takes batches of up to 100 events."
  type        = number
  default     = 5
  nullable    = false
  validation {
    condition     = var.archive_concurrency >= 2 && var.archive_concurrency <= 1000 && floor(var.archive_concurrency) == var.archive_concurrency
    error_message = "Use a whole number from 2 to 1000, which is what Lambda takes for a queue."
  }
}

variable "deletion_protection" {
  description = "Whether DynamoDB refuses to delete the tables; set false and apply before terraform destroy."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_retention_days" {
  description = "Days for which CloudWatch keeps the functions' logs."
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
  description = "Alarms not to make, by the names in output alarm_names without their prefix, such as extraction-failures."
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
