resource "aws_ssm_parameter" "monitors" {
  #checkov:skip=CKV2_AWS_34:Account IDs and bus ARNs are not secrets, and every reader would need the key.
  for_each = var.monitors

  name           = "${var.monitors_path}/${each.key}"
  description    = "Account ID or event bus ARN of a hub that this account reports to."
  type           = "String"
  insecure_value = each.value # shown in plans, so that a wrong value is noticed before it is applied
  tags           = var.tags

  depends_on = [aws_iam_role.extractor]
}

check "other_spokes" {
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
      "Other spokes in this account read the same parameters as this one, below ${var.monitors_path}:",
      "${join("; ", flatten([
        for bus in data.aws_cloudwatch_event_buses.all.event_buses : [
          for description in [bus.description] : "${bus.name}: ${description}" if anytrue([
            startswith("${description}/", "${local.bus_description}/"),
            startswith("${local.bus_description}/", "${description}/"),
          ])
        ] if bus.name != local.bus_name && bus.description != null
      ]))}.",
      "If this is not intended, set monitors_path here and in the connection, such as /${var.name}/monitors.",
    ])
  }
}
