variable "report" {
  description = "Writes a report of all newest values on a schedule (an EventBridge Scheduler expression in UTC) to a private bucket: report.html and latest.csv. Null means no report."
  type = object({
    schedule = string
    projects = optional(list(string)) # null for all
  })
  default = null
  validation {
    condition = var.report == null ? true : can(regex(lookup(local.patterns, "schedule", null), var.report.schedule))
    error_message = join(" ", [
      "EventBridge Scheduler rejects the schedule of report: ${jsonencode(try(var.report.schedule, null))}.",
      "Use rate(1 day) with minutes, hours or days, or cron(0 6 * * ? *) with six fields, as schedule of report.",
    ])
  }
  validation {
    condition = try(var.report.projects, null) == null ? true : (
      length(var.report.projects) >= 1 && length(var.report.projects) <= 100 &&
      alltrue([for project in var.report.projects : can(regex(local.patterns.word, project))])
    )
    error_message = join(" ", [
      "These are not 1 to 100 names of projects: ${jsonencode(try(var.report.projects, null))}.",
      "Use names such as Project1 in projects of report, or leave it out for all projects.",
    ])
  }
}
