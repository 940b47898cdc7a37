variable "archive_concurrency" {
  description = "Maximum number of concurrent executions of the archive function. Each processes a batch of up to 100 events."
  type        = number
  default     = 5
  nullable    = false
  validation {
    condition     = var.archive_concurrency >= 2 && var.archive_concurrency <= 1000 && floor(var.archive_concurrency) == var.archive_concurrency
    error_message = "Use a whole number from 2 to 1000, the limits of Lambda for a queue."
  }
}

variable "queue_max_message_size" {
  description = "Maximum size of a message on all queues, in bytes; larger events are lost. Over 262144 requires AWS provider 6.8. Use one value in hub, spokes and connections."
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
