variable "metrics" {
  description = "Names of the metrics to extract, from docs/metrics.md. The function gets the permissions of these metrics and no others."
  type        = list(string)
  default     = []
  nullable    = false
  validation {
    condition     = !contains([for metric in var.metrics : metric == null ? true : metric == ""], true)
    error_message = "A name in metrics is null or empty. Remove it, or use a name from docs/metrics.md."
  }
}

variable "metric_instances" {
  description = "Metrics with arguments, as metric name to class and arguments. The same class can have several names. Structured arguments are JSON."
  type = map(object({
    class     = string
    arguments = optional(map(string), {})
  }))
  default  = {}
  nullable = false
  validation {
    condition = alltrue([for name in keys(var.metric_instances) : can(regex(local.patterns.metric_name, name))])
    error_message = join(" ", [
      "Invalid metric names: ${jsonencode([for name in keys(var.metric_instances) : name if !can(regex(local.patterns.metric_name, name))])}.",
      "A name in metric_instances becomes the MetricName: use 1 to 128 characters without #, U+FFFE and U+FFFF.",
    ])
  }
  validation {
    condition = alltrue([
      for instance in var.metric_instances : try(instance.class != null && !contains([for value in instance.arguments : value == null], true), false)
    ])
    error_message = join(" ", [
      "These entries of metric_instances, their classes or some of their arguments are null: ${join(", ", [
        for name, instance in var.metric_instances : name
        if !try(instance.class != null && !contains([for value in instance.arguments : value == null], true), false)
      ])}.",
      "Set them, or leave the arguments out to use their defaults.",
    ])
  }
}
