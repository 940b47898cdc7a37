# Checks of the input across variables and files. They depend on nothing else, so that they also report without an AWS account.
# The size of the policy depends on the account and is checked in iam.tf.

locals {
  duplicates = distinct(concat(
    [for i, metric in var.metrics : metric if index(var.metrics, metric) != i],
    [for metric in var.metrics : metric if contains(keys(var.metric_instances), metric) && !startswith(metric, "@")],
  ))

  unknown_metrics = distinct([
    for metric in values(local.requested) : metric.class if !contains(keys(local.known), metric.class)
  ])

  unknown_families = [for family in local.requested_families : "@${family}" if !contains(keys(local.families), family)]

  empty_families = [
    for family in local.requested_families : "@${family} (${join(", ", local.families[family])})"
    if try(alltrue([for name in local.families[family] : local.needs_arguments[name]]), false)
  ]

  unknown_placeholders = flatten([
    for name, placeholders in local.placeholders : [
      for placeholder in placeholders : "${name}: **${placeholder}**"
      if can(regex(local.patterns.placeholder, placeholder)) &&
      !contains(["ACCOUNT_ID", "REGION", "PARTITION", "EVENT_BUS", "PROJECT_NAME", "ENVIRONMENT"], placeholder) &&
      !contains([for argument in keys(local.declared_arguments[name]) : "ARG:${argument}"], placeholder)
    ]
  ])

  # The policy omits any other key of a statement, which could make the statement broader.
  invalid_statements = distinct([
    for name, metric in local.chosen : metric.class if !alltrue([
      for statement in try(local.known[metric.class].permissions, []) :
      length(setsubtract(try(keys(statement), ["?"]), ["Action", "Resource", "Condition", "Sid"])) == 0 &&
      can(flatten([statement.Action, statement.Resource])) && length(split("**", jsonencode(statement))) % 2 == 1
    ])
  ])

  unpackaged = distinct([
    for metric in values(local.chosen) : metric.class
    if local.packaged_metrics == null ? false : !contains(local.packaged_metrics, metric.class)
  ])
}

resource "terraform_data" "checks" {
  lifecycle {
    precondition {
      condition = local.manifest != null
      error_message = join(" ", [
        "There is no readable manifest at ${local.manifest_path}.",
        "Run `make manifest`, or set manifest_path to the file that `ds-dashboard manifest -o FILE` wrote.",
      ])
    }
    precondition {
      condition = local.manifest == null || try(local.manifest.manifest_version == 1, false)
      error_message = join(" ", [
        "The manifest ${local.manifest_path} does not have version 1, which this module reads.",
        "Write it again with `ds-dashboard` of the same release as the module.",
      ])
    }
    precondition {
      condition = length(local.duplicates) == 0
      error_message = join(" ", [
        "These names occur more than once in metrics and metric_instances: ${join(", ", local.duplicates)}.",
        "Their values would overwrite each other. Use each name once.",
      ])
    }
    precondition {
      condition = local.manifest == null || length(local.unknown_metrics) == 0
      error_message = join(" ", [
        "The manifest ${local.manifest_path} has no metric ${join(", ", local.unknown_metrics)}.",
        "Its metrics are ${join(", ", keys(local.known))}.",
        "To add a metric of your own, run `make manifest package-lambdas`, or `ds-dashboard manifest --metrics DIR` and set manifest_path.",
      ])
    }
    precondition {
      condition = local.manifest == null || length(local.unknown_families) == 0
      error_message = join(" ", [
        "The manifest ${local.manifest_path} has no family ${join(", ", local.unknown_families)}.",
        "Its families are ${try(coalesce(join(", ", formatlist("@%s", keys(local.families)))), "none")}.",
        "A family is the name of the file with its metrics. Correct the name in metrics, or write the manifest again.",
      ])
    }
    precondition {
      condition = length(local.empty_families) == 0
      error_message = join(" ", [
        "All metrics of these families need arguments: ${join("; ", local.empty_families)}.",
        "Add them to metric_instances, and remove the family from metrics.",
      ])
    }
    precondition {
      condition = length(local.unknown_arguments) == 0
      error_message = join(" ", [
        "metric_instances has arguments that the metric does not have: ${join("; ", local.unknown_arguments)}.",
        "Correct or remove them.",
      ])
    }
    precondition {
      condition = length(local.missing_arguments) == 0
      error_message = join(" ", [
        "These arguments are missing: ${join("; ", local.missing_arguments)}.",
        "Set them in metric_instances, as { name = { class = \"...\", arguments = { ... } } }.",
      ])
    }
    precondition {
      condition = length(local.widening_arguments) == 0
      error_message = join(" ", [
        "These arguments are part of permissions: ${join("; ", local.widening_arguments)}.",
        "They must name one resource, without wildcards (*, ?) and policy variables. Use one instance for each resource.",
      ])
    }
    precondition {
      condition = length(local.unlimited_arguments) == 0
      error_message = join(" ", [
        "at_runtime has * for these arguments: ${join("; ", local.unlimited_arguments)}.",
        "Use [\"*\"] alone, and only for an argument that no permission uses. For others, list the values: the permissions cover each.",
      ])
    }
    precondition {
      condition = length(local.invalid_values) == 0
      error_message = join(" ", [
        "These values of arguments or at_runtime are not allowed: ${join("; ", local.invalid_values)}.",
        "Use values as described in parentheses.",
      ])
    }
    precondition {
      condition = length(local.invalid_series) == 0
      error_message = join(" ", [
        "A refresh with values of at_runtime would write series with invalid names: ${join(", ", local.invalid_series)}.",
        "A name has at most 128 characters, three of them for each of %;()# in a value, and no U+FFFE and U+FFFF.",
        "Use entries in metric_instances with these arguments instead.",
      ])
    }
    precondition {
      condition = length(local.unknown_placeholders) == 0
      error_message = join(" ", [
        "Permissions in ${local.manifest_path} have unknown placeholders: ${join("; ", local.unknown_placeholders)}.",
        "Correct _iam_permissions, then run `make manifest`.",
      ])
    }
    precondition {
      condition = length(local.invalid_statements) == 0
      error_message = join(" ", [
        "Permissions in ${local.manifest_path} are invalid for ${join(", ", local.invalid_statements)}.",
        "A statement can have Action, Resource, Condition and Sid, and ** only in pairs.",
        "Correct _iam_permissions, then run `make manifest`.",
      ])
    }
    precondition {
      condition     = !(local.from_s3 && var.package_path != null)
      error_message = "Both package_path and package_s3 are set. Set one of them to null."
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
    precondition {
      condition = length(local.unpackaged) == 0
      error_message = join(" ", [
        "The package ${local.package_path} does not contain ${join(", ", local.unpackaged)}.",
        "Build manifest and package from the same sources: run `make manifest package-lambdas`.",
      ])
    }
    precondition {
      condition = local.environment_bytes <= 4096
      error_message = join(" ", [
        "Metrics and arguments need ${local.environment_bytes} bytes of environment variables, and Lambda allows 4096.",
        "Shorten names and arguments in metric_instances, or move some to a second spoke module with another name in this account.",
      ])
    }
  }
}
