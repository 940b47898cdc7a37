# What was asked for, looked up in the manifest. Nothing here fails on a fault of the input: checks.tf explains those, and
# `terraform destroy` has to get through without the file.

locals {
  manifest_path = var.manifest_path == null ? "${path.module}/metrics.json" : var.manifest_path
  manifest      = try(jsondecode(file(local.manifest_path)), null)
  known         = try(local.manifest.metrics, {})

  # Every value the spoke emits, by its MetricName.
  requested = merge(
    { for metric in distinct(var.metrics) : metric => { class = metric, arguments = tomap({}) } },
    { for name, instance in var.metric_instances : name => { class = instance.class, arguments = instance.arguments } },
  )
  chosen = { for name, metric in local.requested : name => metric if contains(keys(local.known), metric.class) }

  declared_arguments = { for name, metric in local.chosen : name => try(local.known[metric.class].arguments, {}) }

  # As given, else by default; null where there is neither. A default may be of any JSON type.
  argument_values = {
    for name, metric in local.chosen : name => {
      for argument, declaration in local.declared_arguments[name] :
      argument => lookup(metric.arguments, argument, null) != null ? metric.arguments[argument] : try(tostring(declaration.default), jsonencode(declaration.default), null)
    }
  }
}
