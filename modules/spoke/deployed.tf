# The code that the function should run, and warnings about what is deployed and no apply changes.

locals {
  # Of a package in S3, only package_s3 says what it is. Terraform has no function that converts
  # hexadecimal digits to base64, which Lambda uses: each character of it stands for six bits.
  s3_sha256 = try(var.package_s3.sha256, null)
  s3_bits = !can(parseint(local.s3_sha256, 16)) ? "" : join("", [
    for digit in split("", local.s3_sha256) : format("%04b", parseint(digit, 16))
  ])
  base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  s3_hash = local.s3_bits == "" ? local.s3_sha256 : "${join("", [
    for i in range(0, length(local.s3_bits), 6) : substr(local.base64_alphabet, parseint(substr("${local.s3_bits}00", i, 6), 2), 1)
  ])}="

  # Null if it is not known.
  code_hash = local.from_s3 ? local.s3_hash : local.package_hash
  code_name = local.from_s3 ? try("s3://${var.package_s3.bucket}/${var.package_s3.key}", "") : local.package_path

  # What the function runs instead. Unknown before it exists, and while a plan updates it: provider 5 then has the previous
  # hash, but no time of modification. In `terraform test`, an invented hash is no hash.
  other_code = [
    for function in [aws_lambda_function.extractor] : function.code_sha256
    if can(regex(local.patterns.sha256_base64, function.code_sha256)) && local.code_hash != null &&
    "${function.last_modified} ${function.code_sha256}" != "${function.last_modified} ${coalesce(local.code_hash, "-")}"
  ]
}

# Not in the check, which would make its errors warnings: every plan would then read it again during an apply, and
# `terraform plan -detailed-exitcode` would never say that there is nothing to do.
data "aws_cloudwatch_event_buses" "all" {}

check "deployed" {
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

  # After a failed update of the code, the state has the new package, so that no later plan updates the function. No plan notices
  # either that somebody replaced the code.
  assert {
    # Not before the first apply, whose plan would have a warning that the condition is unknown.
    condition = (
      contains(data.aws_cloudwatch_event_buses.all.event_buses[*].name, local.bus_name) ? length(local.other_code) == 0 : true
    )
    error_message = join(" ", compact([
      "The function ${local.function_name} runs code with the SHA-256 ${join("", local.other_code)}, and not the package",
      "${local.code_name}, whose SHA-256 is ${coalesce(local.code_hash, "-")}.",
      "An update failed, or somebody replaced the code, and an apply changes nothing. To deploy the package:",
      "terraform apply -replace='module.spoke.aws_lambda_function.extractor'",
      "(instead of module.spoke, use the address of this module in `terraform state list`).",
      local.from_s3 ? "If sha256 of package_s3 is not the hash of that object, correct it instead." : "",
    ]))
  }
}
