locals {
  package_path = var.package_path == null ? "${path.module}/../../lambda_src/dist/ds_dashboard.zip" : var.package_path

  # Total, whatever is missing: `terraform destroy` evaluates locals too, long after the zip is gone.
  package_hash    = try(filebase64sha256(local.package_path), null)
  package_sidecar = try(jsondecode(file("${local.package_path}.json")), null)
  from_s3         = var.package_s3 != null
}

# Faults of the input, each with its cure. They rest on variables and files alone, so they show without an AWS account too.
resource "terraform_data" "checks" {
  lifecycle {
    precondition {
      condition     = !(local.from_s3 && var.package_path != null)
      error_message = "Both package_path and package_s3 are set: which package is meant? Set one of them to null."
    }
    precondition {
      condition     = local.from_s3 || local.package_hash != null
      error_message = "There is no Lambda package at ${local.package_path}. Run `make package-lambdas` in the ds-dashboard repository, or set package_path or package_s3."
    }
    precondition {
      condition     = local.from_s3 || local.package_hash == null || local.package_sidecar == null || try(local.package_sidecar.base64sha256 == local.package_hash, false)
      error_message = "The package ${local.package_path} is not the one that its sidecar ${local.package_path}.json describes. Build both again with `make package-lambdas`, or copy them together."
    }
  }
}
