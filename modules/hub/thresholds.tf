# Thresholds are judged by the archive function, which has them in its environment: they change with an apply, and no call is
# needed to read them.

locals {
  # Without what is a default, since Lambda allows 4096 bytes for all variables of a function.
  thresholds = {
    for metric, threshold in var.thresholds : metric => merge(
      { for name, limit in { above = threshold.above, below = threshold.below } : name => limit if limit != null },
      {
        for name, patterns in { projects = threshold.projects, environments = threshold.environments } :
        name => patterns if !contains(patterns, "*")
      },
      threshold.for == 1 ? {} : { "for" = threshold.for },
    )
  }
  threshold_environment = merge(
    length(var.thresholds) == 0 ? {} : { DS_DASHBOARD_THRESHOLDS = jsonencode(local.thresholds) },
    length(var.thresholds) == 0 || length(var.threshold_actions) == 0 ? {} : {
      DS_DASHBOARD_THRESHOLD_ACTIONS = jsonencode(distinct(var.threshold_actions))
    },
  )

  threshold_statements = concat(
    [
      for table in [local.table_arns["latest"]] : { Action = ["dynamodb:GetItem", "dynamodb:UpdateItem"], Resource = [table] }
      if length(var.thresholds) > 0
    ],
    [
      # Exactly these topics.
      for topics in [var.threshold_actions] : { Action = ["sns:Publish"], Resource = topics }
      if length(topics) > 0 && length(var.thresholds) > 0
    ],
  )

  # The hash of the package and the queue's URL are as long as these placeholders, or shorter. The watch has less in its
  # environment than the archive.
  environment_bytes = {
    for role, environment in {
      archive = merge(local.archive.environment, {
        DS_DASHBOARD_REJECTED_QUEUE_URL = "https://sqs.${local.region}.${local.dns_suffix}/${local.account}/${var.name}-rejected"
      })
      report = local.report.environment
      } : role => sum([
        for name, value in merge(environment, {
          DS_DASHBOARD_NAME           = var.name
          DS_DASHBOARD_PACKAGE_SHA256 = "44 characters, as many as a hash in base64 has"
        }) : floor(length(base64encode("${name}${value}")) / 4) * 3
    ])
  }
}
