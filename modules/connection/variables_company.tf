# What large installations and company rules ask for. All optional.

variable "organization_ids" {
  description = "AWS Organizations whose accounts may send to the hub's bus, instead of a list of accounts; needed beyond about 300 of them."
  type        = list(string)
  default     = []
  nullable    = false
  validation {
    condition     = alltrue([for id in var.organization_ids : can(regex("^o-[a-z0-9]{10,32}$", id))])
    error_message = "No ids of organizations: ${jsonencode([for id in var.organization_ids : id if !can(regex("^o-[a-z0-9]{10,32}$", id))])}. Give ids such as o-a1b2c3d4e5, which `aws organizations describe-organization` shows."
  }
}

variable "rules_quota" {
  description = "How many rules this account may have on one event bus; raise it here once AWS has raised the quota."
  type        = number
  default     = 300
  nullable    = false
  validation {
    condition     = var.rules_quota >= 1 && floor(var.rules_quota) == var.rules_quota
    error_message = "Use the whole number that Service Quotas shows for EventBridge, rules per event bus."
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
  description = "Alarms not to make, by the names in output alarm_names without their prefix, such as to-hubs-dead-letters-not-empty."
  type        = set(string)
  default     = []
  nullable    = false
  validation {
    condition     = length(setsubtract(var.disabled_alarms, local.alarms)) == 0
    error_message = "No such alarms: ${join(", ", setsubtract(var.disabled_alarms, local.alarms))}. There are: ${join(", ", local.alarms)}."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the permissions boundary for every role; null means none."
  type        = string
  default     = null
  validation {
    condition     = var.permissions_boundary_arn == null ? true : can(regex("^arn:[a-z0-9-]+:iam::([0-9]{12}|aws):policy/", var.permissions_boundary_arn))
    error_message = "Give the ARN of an IAM policy, such as arn:aws:iam::111122223333:policy/boundary."
  }
}

variable "iam_path" {
  description = "Path of every role, where a company's rules ask for one."
  type        = string
  default     = "/"
  nullable    = false
  validation {
    condition     = can(regex("^/([A-Za-z0-9._+=,@-]+/)*$", var.iam_path))
    error_message = "Use a path that begins and ends with a slash, such as /ds-dashboard/."
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
