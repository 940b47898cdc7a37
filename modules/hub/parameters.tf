locals {
  registered_spokes = merge([
    for project, accounts in var.monitored_projects : {
      for environment, value in accounts : "${project}/${environment}" => value
    }
  ]...)
}

resource "aws_ssm_parameter" "monitored_projects" {
  #checkov:skip=CKV2_AWS_34:Account IDs and bus ARNs are not secrets, and every reader would need the key.
  for_each = local.registered_spokes

  name           = "${var.monitored_projects_path}/${each.key}"
  description    = "Account ID or event bus ARN of the spoke ${each.key}."
  type           = "String"
  insecure_value = each.value # shown in plans, so that a wrong value is noticed before it is applied
  tags           = var.tags

  depends_on = [aws_scheduler_schedule_group.this]
}

check "other_hubs" {
  # An error here, such as a missing permission, is a warning.
  data "aws_cloudwatch_event_buses" "all" {}

  assert {
    # Paths that are equal or below each other: parameters are read recursively. The default bus has no description.
    condition = alltrue([
      for bus in data.aws_cloudwatch_event_buses.all.event_buses : !anytrue([
        startswith("${bus.description}/", "${local.bus_description}/"),
        startswith("${local.bus_description}/", "${bus.description}/"),
      ]) if bus.name != local.bus_name && bus.description != null
    ])
    error_message = join(" ", [
      "Other hubs in this account read the same parameters as this one, below ${var.monitored_projects_path}:",
      "${join("; ", flatten([
        for bus in data.aws_cloudwatch_event_buses.all.event_buses : [
          for description in [bus.description] : "${bus.name}: ${description}" if anytrue([
            startswith("${description}/", "${local.bus_description}/"),
            startswith("${local.bus_description}/", "${description}/"),
          ])
        ] if bus.name != local.bus_name && bus.description != null
      ]))}.",
      "If this is not intended, set monitored_projects_path here and in the connection, such as /${var.name}/monitored_projects.",
    ])
  }
}
