# The Lambda package. Nothing here fails on invalid input: input_checks.tf reports it, and `terraform destroy` evaluates these locals
# too, even if the files have been deleted.

locals {
  package_path    = var.package_path == null ? "${path.module}/../../lambda_src/dist/ds_dashboard.zip" : var.package_path
  package_hash    = try(filebase64sha256(local.package_path), null)
  package_sidecar = try(jsondecode(file("${local.package_path}.json")), null)
  from_s3         = var.package_s3 != null

  # The metrics in the package. Null if there is no sidecar that lists them.
  packaged_metrics = local.from_s3 ? null : try(tolist(local.package_sidecar.metrics), null)
}
