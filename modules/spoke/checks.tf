# Faults of the input, each with its cure. What needs the account, such as the size of the policy, is checked in iam.tf.

locals {
  how_to_add = "A metric of your own needs `make manifest package-lambdas`, or `ds-dashboard manifest --metrics DIR` with manifest_path."
}

resource "terraform_data" "checks" {
  lifecycle {
    precondition {
      condition     = local.manifest != null
      error_message = "There is no readable manifest at ${local.manifest_path}. Run `make manifest`, or set manifest_path to what `ds-dashboard manifest -o FILE` wrote."
    }
    precondition {
      condition     = local.manifest == null || try(local.manifest.manifest_version == 1, false)
      error_message = "The manifest ${local.manifest_path} is not of version 1, which this module reads. Write it again with the `ds-dashboard` of the module's own release."
    }
    precondition {
      condition     = length(local.duplicates) == 0
      error_message = "Named more than once in metrics and metric_instances: ${join(", ", local.duplicates)}. Their values would overwrite each other; leave each name once."
    }
    precondition {
      condition     = local.manifest == null || length(local.unknown_classes) == 0
      error_message = "${local.manifest_path} has no metric ${join(", ", local.unknown_metrics)}. docs/metrics.md lists them. ${local.how_to_add}"
    }
    precondition {
      condition     = length(local.unknown_arguments) == 0
      error_message = "metric_instances has arguments that the metric does not take: ${join("; ", local.unknown_arguments)}. Correct or remove them."
    }
    precondition {
      condition     = length(local.missing_arguments) == 0
      error_message = "Metrics lack arguments: ${join("; ", local.missing_arguments)}. Give them in metric_instances, as { name = { class = \"...\", arguments = { ... } } }."
    }
    precondition {
      condition     = length(local.widening_arguments) == 0
      error_message = "These arguments become part of permissions and must name one thing, without wildcards (*, ?) and policy variables: ${join("; ", local.widening_arguments)}. Make one instance for each thing."
    }
    precondition {
      condition     = length(local.unknown_placeholders) == 0
      error_message = "Permissions in ${local.manifest_path} have placeholders that this module cannot fill: ${join("; ", local.unknown_placeholders)}. Correct _iam_permissions, then run `make manifest`."
    }
    precondition {
      condition     = length(local.odd_statements) == 0
      error_message = "Permissions in ${local.manifest_path} may have Action, Resource, Condition and Sid only, and ** in pairs; not so in: ${join(", ", local.odd_statements)}. Correct _iam_permissions, then run `make manifest`."
    }
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
    precondition {
      condition     = length(local.unpackaged) == 0
      error_message = "The package ${local.package_path} was built without: ${join(", ", local.unpackaged)}. Manifest and package are of different sources; run `make manifest package-lambdas`."
    }
    precondition {
      condition     = local.environment_bytes <= 4096
      error_message = "Metrics and arguments make ${local.environment_bytes} bytes of environment variables, and Lambda takes 4096. Shorten names and arguments in metric_instances, or move some into a second spoke module with another name in this account."
    }
  }
}
