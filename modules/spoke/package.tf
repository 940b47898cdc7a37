locals {
  package_path = var.package_path == null ? "${path.module}/../../lambda_src/dist/ds_dashboard.zip" : var.package_path

  # Total, whatever is missing: `terraform destroy` evaluates locals too, long after the zip is gone.
  package_hash    = try(filebase64sha256(local.package_path), null)
  package_sidecar = try(jsondecode(file("${local.package_path}.json")), null)
  from_s3         = var.package_s3 != null

  # What the package was built with; null where it does not say.
  packaged_metrics = local.from_s3 ? null : try(tolist(local.package_sidecar.metrics), null)
}
