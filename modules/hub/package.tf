locals {
  package_path = var.package_path == null ? "${path.module}/../../lambda_src/dist/ds_dashboard.zip" : var.package_path

  # `terraform destroy` evaluates locals too, even if the zip has been deleted.
  package_hash    = try(filebase64sha256(local.package_path), null)
  package_sidecar = try(jsondecode(file("${local.package_path}.json")), null)
  from_s3         = var.package_s3 != null
}

# These checks depend on variables and files only, so that they also report without an AWS account.
resource "terraform_data" "checks" {
  lifecycle {
    precondition {
      condition     = !(local.from_s3 && var.package_path != null)
      error_message = "Both package_path and package_s3 are set. Set one of them to null."
    }
    precondition {
      condition = var.report == null || !can(regex(local.patterns.reserved_bucket, lower(var.name)))
      error_message = join(" ", [
        "The bucket of the report begins with name, ${var.name}, and S3 rejects names of buckets that begin with xn--, sthree- or",
        "amzn-s3-demo-. Use another name, or remove report.",
      ])
    }
    precondition {
      condition = local.from_s3 || local.package_hash != null
      error_message = join(" ", [
        "There is no Lambda package at ${local.package_path}.",
        "Run `make package-lambdas` in the ds-dashboard repository, or set package_path or package_s3.",
      ])
    }
    precondition {
      condition = (
        local.from_s3 || local.package_hash == null || local.package_sidecar == null ||
        try(local.package_sidecar.base64sha256 == local.package_hash, false)
      )
      error_message = join(" ", [
        "The package ${local.package_path} is not the package that its sidecar ${local.package_path}.json describes.",
        "Build both again with `make package-lambdas`, or copy them together.",
      ])
    }
  }
}
