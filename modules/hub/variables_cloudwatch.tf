variable "cloudwatch_metrics" {
  description = "Metrics whose sum over all spokes is published as a CloudWatch metric, by metric name; `by` divides the sum. See output cloudwatch_metrics_cost."
  type = map(object({
    by = optional(list(string), []) # Project, Environment
  }))
  default  = {}
  nullable = false
  validation {
    condition     = length(var.cloudwatch_metrics) <= 50
    error_message = "These are ${length(var.cloudwatch_metrics)} metrics, and 50 are allowed. Choose those that an alarm or a graph in CloudWatch needs."
  }
  validation {
    condition = alltrue([
      for metric in keys(var.cloudwatch_metrics) :
      can(regex(local.patterns.cloudwatch_metric, metric)) && !contains(local.cloudwatch_dimensions, metric)
    ])
    error_message = join(" ", [
      "CloudWatch does not accept these as names of metrics here: ${jsonencode([
        for metric in keys(var.cloudwatch_metrics) : metric
        if !can(regex(local.patterns.cloudwatch_metric, metric)) || contains(local.cloudwatch_dimensions, metric)
      ])}.",
      "Use names as `ds-dashboard latest` shows them, of 1 to 128 ASCII characters without #, and not ${join(", ", local.cloudwatch_dimensions)}.",
    ])
  }
  validation {
    condition = alltrue([
      for metric in values(var.cloudwatch_metrics) :
      metric == null ? false : try(length(setsubtract(metric.by, ["Project", "Environment"])) == 0 && length(distinct(metric.by)) == length(metric.by), false)
    ])
    error_message = join(" ", [
      "These metrics have an invalid by: ${join(", ", [
        for name, metric in var.cloudwatch_metrics : name
        if metric == null ? true : !try(length(setsubtract(metric.by, ["Project", "Environment"])) == 0 && length(distinct(metric.by)) == length(metric.by), false)
      ])}.",
      "Use by = [\"Environment\"], [\"Project\"], or both, each once. Use {} for one sum of all spokes.",
    ])
  }
}
