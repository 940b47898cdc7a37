# The metrics of the spoke: those that the variables name, with families expanded, as the manifest describes them. Nothing here fails
# on invalid input: input_checks.tf reports it, and `terraform destroy` evaluates these locals too, even if the files were deleted.

locals {
  manifest_path = var.manifest_path == null ? "${path.module}/metrics.json" : var.manifest_path
  manifest      = try(jsondecode(file(local.manifest_path)), null)
  known         = try(local.manifest.metrics, {})

  # A metric with a required argument needs an entry in metric_instances. It is no member of what @family stands for.
  needs_arguments = {
    for name, entry in local.known : name => length([
      for declaration in values(try(entry.arguments, {})) : declaration if try(tobool(declaration.required), true)
    ]) > 0
  }
  families = { for name, entry in local.known : entry.family => name... if can(tostring(entry.family)) }

  requested_families = toset([for metric in var.metrics : substr(metric, 1, -1) if startswith(metric, "@")])
  members = flatten([
    for family in local.requested_families : [
      # An instance with the name of a member replaces it.
      for name in lookup(local.families, family, []) : name
      if !local.needs_arguments[name] && !contains(keys(var.metric_instances), name)
    ]
  ])
  metrics = distinct(concat([for metric in var.metrics : metric if !startswith(metric, "@")], local.members))

  instances = {
    for name, one in var.metric_instances : name => merge(
      { class = one.class, arguments = one.arguments },
      { for key, value in { at_runtime = one.at_runtime } : key => value if length(value) > 0 },
    )
  }

  # Every value that the spoke emits, by MetricName.
  requested = merge(
    { for metric in local.metrics : metric => { class = metric, arguments = tomap({}), at_runtime = tomap({}) } },
    { for name, one in var.metric_instances : name => { class = one.class, arguments = one.arguments, at_runtime = one.at_runtime } },
  )
  chosen = { for name, metric in local.requested : name => metric if contains(keys(local.known), metric.class) }
}
