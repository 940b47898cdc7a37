# The sums are of the latest table, whenever the spokes report. The archive publishes those that a batch has changed, and the
# watch publishes all of them every hour.

locals {
  # A line of the embedded metric format has metrics and dimensions side by side.
  cloudwatch_dimensions = ["Environment", "Name", "Project", "_aws"]

  totals_environment = length(var.cloudwatch_metrics) == 0 ? {} : {
    DS_DASHBOARD_CLOUDWATCH_METRICS = jsonencode({ for name, metric in var.cloudwatch_metrics : name => metric.by })
    DS_DASHBOARD_SILENT_AFTER_HOURS = tostring(var.silent_after)
  }
  totals_statements = [
    for table in [local.table_arns["latest"]] : { Action = ["dynamodb:Scan"], Resource = [table] } if length(var.cloudwatch_metrics) > 0
  ]

  # How many sums a metric with this `by` has at most: as many as there are combinations among the registered spokes.
  cloudwatch_groups = {
    ""                    = 1
    "Environment"         = length(distinct([for spoke in keys(local.registered_spokes) : split("/", spoke)[1]]))
    "Project"             = length(distinct([for spoke in keys(local.registered_spokes) : split("/", spoke)[0]]))
    "Environment,Project" = length(local.registered_spokes)
  }
  cloudwatch_series = sum(concat([0], [for metric in values(var.cloudwatch_metrics) : local.cloudwatch_groups[join(",", sort(metric.by))]]))
  # 0.30 USD: the list price of a custom metric in us-east-1 for the first 10,000, in November 2026, without free tier.
  cloudwatch_cost = {
    series         = local.cloudwatch_series
    usd_per_month  = 3 * local.cloudwatch_series / 10 # 0.3 * 12 would be 3.600...02
    for_each_spoke = length([for metric in values(var.cloudwatch_metrics) : metric if length(metric.by) > 0])
    assumption = join(" ", [
      "At most, for the ${length(local.registered_spokes)} spokes in monitored_projects, at 0.30 USD per series and month.",
      "A spoke that is registered in Parameter Store only adds at most for_each_spoke series.",
    ])
  }
}

# Shown in the plan whenever it changes.
resource "terraform_data" "cloudwatch_metrics" {
  count = length(var.cloudwatch_metrics) > 0 ? 1 : 0

  input = local.cloudwatch_cost
}
