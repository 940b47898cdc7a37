# The Lambda package and the manifest of its metrics. Nothing here fails on invalid input: input_checks.tf reports it, and
# `terraform destroy` evaluates these locals too, even if the files have been deleted.

locals {
  package_path    = var.package_path == null ? "${path.module}/../../lambda_src/dist/ds_dashboard.zip" : var.package_path
  package_hash    = try(filebase64sha256(local.package_path), null)
  package_sidecar = try(jsondecode(file("${local.package_path}.json")), null)
  from_s3         = var.package_s3 != null

  # The metrics in the package. Null if there is no sidecar that lists them.
  packaged_metrics = local.from_s3 ? null : try(tolist(local.package_sidecar.metrics), null)

  manifest_path = var.manifest_path == null ? "${path.module}/metrics.json" : var.manifest_path
  manifest      = try(jsondecode(file(local.manifest_path)), null)
  known         = try(local.manifest.metrics, {})

  # Every value that the spoke emits, by MetricName.
  requested = merge(
    { for metric in distinct(var.metrics) : metric => { class = metric, arguments = tomap({}) } },
    { for name, instance in var.metric_instances : name => { class = instance.class, arguments = instance.arguments } },
  )
  chosen = { for name, metric in local.requested : name => metric if contains(keys(local.known), metric.class) }

  declared_arguments = { for name, metric in local.chosen : name => try(local.known[metric.class].arguments, {}) }

  # The given value, else the default, else null. A default can have any JSON type.
  argument_values = {
    for name, metric in local.chosen : name => {
      for argument, declaration in local.declared_arguments[name] : argument => (
        lookup(metric.arguments, argument, null) != null
        ? metric.arguments[argument]
        : try(tostring(declaration.default), jsonencode(declaration.default), null)
      )
    }
  }
}
