variable "organization_ids" {
  description = "IDs of AWS Organizations whose accounts may send to the hub's bus, instead of a list of accounts. Required beyond about 300 accounts."
  type        = list(string)
  default     = []
  nullable    = false
  validation {
    condition = alltrue([for id in var.organization_ids : can(regex(local.patterns.organization_id, id))])
    error_message = join(" ", [
      "These are not IDs of organizations: ${jsonencode([
        for id in var.organization_ids : id if !can(regex(local.patterns.organization_id, id))
      ])}.",
      "Use IDs such as o-a1b2c3d4e5, which `aws organizations describe-organization` shows.",
    ])
  }
}

variable "rules_quota" {
  description = "Quota of rules per event bus in this account. Raise it here after AWS has raised it. Null means AWS's default: 100 in af-south-1 and eu-south-1, 300 elsewhere."
  type        = number
  default     = null
  validation {
    condition     = var.rules_quota == null ? true : var.rules_quota >= 1 && floor(var.rules_quota) == var.rules_quota
    error_message = "Use the whole number that Service Quotas shows for EventBridge rules per event bus."
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
