variable "metrics" {
  description = "Names of metrics from docs/metrics.md, and of families, such as @training for all its metrics that need no arguments. The function gets exactly the permissions of these metrics."
  type        = list(string)
  default     = []
  nullable    = false
  validation {
    condition     = !contains([for metric in var.metrics : metric == null ? true : metric == ""], true)
    error_message = "A name in metrics is null or empty. Remove it, or use a name from docs/metrics.md."
  }
}

variable "metric_instances" {
  description = "Metrics with arguments, as metric name to class and arguments, structured ones as JSON. at_runtime lists the values that a refresh can set, by argument; [\"*\"] means any value."
  type = map(object({
    class      = string
    arguments  = optional(map(string), {})
    at_runtime = optional(map(list(string)), {})
  }))
  default  = {}
  nullable = false
  validation {
    condition = alltrue([for name in keys(var.metric_instances) : can(regex(local.patterns.instance_name, name))])
    error_message = join(" ", [
      "Invalid metric names: ${jsonencode([for name in keys(var.metric_instances) : name if !can(regex(local.patterns.instance_name, name))])}.",
      "A name in metric_instances becomes the MetricName: use 1 to 128 characters without #, commas, parentheses,",
      "U+FFFE and U+FFFF, and without blanks at its start and end.",
    ])
  }
  validation {
    condition = alltrue([
      for one in var.metric_instances : try(
        !contains([for text in concat([one.class], values(one.arguments), flatten(values(one.at_runtime))) : text == null], true),
        false,
      )
    ])
    error_message = join(" ", [
      "These entries of metric_instances, their classes, or some of their arguments or values are null: ${join(", ", [
        for name, one in var.metric_instances : name if !try(
          !contains([for text in concat([one.class], values(one.arguments), flatten(values(one.at_runtime))) : text == null], true),
          false,
        )
      ])}.",
      "Set them, or leave the arguments out to use their defaults.",
    ])
  }
}

variable "historical_days" {
  description = "How many days back a refresh can ask for values as of a past instant, of metrics that support it. 0 rejects such refreshes."
  type        = number
  default     = 400
  nullable    = false
  validation {
    condition     = var.historical_days >= 0 && var.historical_days <= 3650 && floor(var.historical_days) == var.historical_days
    error_message = "Use a whole number of days from 0 to 3650."
  }
}
