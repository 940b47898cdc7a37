variable "dashboard" {
  description = "Whether to create a CloudWatch dashboard: the newest values of all metrics in a widget that its viewers can browse, the alarms, and the health of the hub."
  type        = bool
  default     = false
  nullable    = false
}
