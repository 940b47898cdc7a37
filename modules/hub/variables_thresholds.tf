variable "thresholds" {
  description = "Limits of metrics, by metric name. The newest value beyond them is shown as ABOVE or BELOW, and threshold_actions are notified when it crosses them and when it is back to normal."
  type = map(object({
    above        = optional(number)              # values greater than this
    below        = optional(number)              # values less than this
    projects     = optional(list(string), ["*"]) # * is a wildcard
    environments = optional(list(string), ["*"])
    for          = optional(number, 1) # values in a row
  }))
  default  = {}
  nullable = false
  validation {
    condition = alltrue([for metric in keys(var.thresholds) : can(regex(local.patterns.series_metric, metric))])
    error_message = join(" ", [
      "These are not names of metrics: ${jsonencode([for metric in keys(var.thresholds) : metric if !can(regex(local.patterns.series_metric, metric))])}.",
      "Use names as `ds-dashboard latest` shows them: 1 to 128 characters, without # and control characters.",
    ])
  }
  validation {
    condition = alltrue([for threshold in values(var.thresholds) : try(threshold.above, null) != null || try(threshold.below, null) != null])
    error_message = join(" ", [
      "These thresholds have no limit: ${join(", ", [
        for metric, threshold in var.thresholds : metric if try(threshold.above, null) == null && try(threshold.below, null) == null
      ])}.",
      "Set above, below, or both.",
    ])
  }
  validation {
    condition = alltrue([for threshold in values(var.thresholds) : try(threshold.below < threshold.above, true)])
    error_message = join(" ", [
      "These thresholds have no values between their limits: ${join(", ", [
        for metric, threshold in var.thresholds : "${metric} (above ${threshold.above}, below ${threshold.below})"
        if !try(threshold.below < threshold.above, true)
      ])}.",
      "A value is normal if it is neither greater than above nor less than below: choose a below that is less than above.",
    ])
  }
  validation {
    condition = alltrue(flatten([
      for threshold in values(var.thresholds) : [for limit in [try(threshold.above, null), try(threshold.below, null)] : limit == null ? true : limit == 0 || (abs(limit) < 1e30 && abs(limit) > 1e-30)]
    ]))
    error_message = "Use limits between -1e30 and 1e30, and not closer to 0 than 1e-30: DynamoDB cannot store others."
  }
  validation {
    condition = alltrue([
      for threshold in values(var.thresholds) : threshold == null ? true : try(threshold.for >= 1 && threshold.for <= 100 && floor(threshold.for) == threshold.for, false)
    ])
    error_message = join(" ", [
      "These thresholds have no valid number of values in a row: ${join(", ", [
        for metric, threshold in var.thresholds : metric
        if !try(threshold.for >= 1 && threshold.for <= 100 && floor(threshold.for) == threshold.for, false)
      ])}.",
      "Set for to a whole number from 1 to 100.",
    ])
  }
  validation {
    condition = alltrue(flatten([
      for threshold in values(var.thresholds) : [
        for names in threshold == null ? [] : [threshold.projects, threshold.environments] : concat([try(length(names) > 0, false)], [
          for name in try(concat(names, []), []) : can(regex(local.patterns.word_or_wildcard, name))
        ])
      ]
    ]))
    error_message = join(" ", [
      "These thresholds have invalid projects or environments: ${join(", ", [
        for metric, threshold in var.thresholds : metric if !alltrue(flatten([
          for names in threshold == null ? [] : [threshold.projects, threshold.environments] : concat([try(length(names) > 0, false)], [
            for name in try(concat(names, []), []) : can(regex(local.patterns.word_or_wildcard, name))
          ])
        ]))
      ])}.",
      "Use names such as Project1, or * as a wildcard: prod, team-*. Leave the list out for all.",
    ])
  }
}

variable "threshold_actions" {
  description = "ARNs of SNS topics that are notified of thresholds. A topic in another account, or with a customer-managed key, must allow the archive function's role: see docs/thresholds.md."
  type        = list(string)
  default     = []
  nullable    = false
  validation {
    condition = alltrue([for arn in var.threshold_actions : can(regex(local.patterns.topic_arn, arn)) && !try(endswith(arn, ".fifo"), false)])
    error_message = join(" ", [
      "These are not ARNs of standard SNS topics: ${jsonencode([
        for arn in var.threshold_actions : arn if !can(regex(local.patterns.topic_arn, arn)) || try(endswith(arn, ".fifo"), false)
      ])}.",
      "Use ARNs such as arn:aws:sns:eu-west-1:111122223333:thresholds, and subscribe e-mail addresses or chat channels to the topic.",
    ])
  }
}
