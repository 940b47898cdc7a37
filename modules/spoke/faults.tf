# What is wrong with the input, as lists that checks.tf turns into messages. They rest on variables and files alone, so they
# are found without an AWS account too.

locals {
  duplicates = distinct(concat(
    [for i, metric in var.metrics : metric if index(var.metrics, metric) != i],
    [for metric in var.metrics : metric if contains(keys(var.metric_instances), metric)],
  ))

  unknown_classes = distinct([for metric in values(local.requested) : metric.class if !contains(keys(local.known), metric.class)])

  # The nearest known name shares most groups of two letters.
  letter_pairs = {
    for word in concat(local.unknown_classes, length(local.unknown_classes) == 0 ? [] : keys(local.known)) :
    word => toset([for i in range(max(0, length(word) - 1)) : lower(substr(word, i, 2))])
  }
  nearest = {
    for word in local.unknown_classes : word => try(split(" ", reverse(sort([
      for candidate in keys(local.known) : format("%03d %s",
        floor(200 * length(setintersection(local.letter_pairs[word], local.letter_pairs[candidate]))
      / (length(local.letter_pairs[word]) + length(local.letter_pairs[candidate]))), candidate)
    ]))[0]), ["000", ""])
  }
  # With less than a third in common, a guess would only puzzle.
  unknown_metrics = [
    for word in local.unknown_classes : tonumber(local.nearest[word][0]) >= 33 ? "${word} (did you mean ${local.nearest[word][1]}?)" : word
  ]

  unknown_arguments = flatten([
    for name, metric in local.chosen : [
      for argument in keys(metric.arguments) :
      "${name}: ${argument} (${metric.class} takes ${try(coalesce(join(", ", keys(local.declared_arguments[name]))), "none")})"
      if !contains(keys(local.declared_arguments[name]), argument)
    ]
  ])

  # Placeholders of each metric's permissions, without filters.
  placeholders = {
    for name, metric in local.chosen : name => distinct([
      for i, piece in split("**", jsonencode(try(local.known[metric.class].permissions, []))) : split("|", piece)[0] if i % 2 == 1
    ])
  }

  missing_arguments = flatten([
    for name, arguments in local.declared_arguments : [
      for argument, declaration in arguments : "${name}: ${argument}"
      if local.argument_values[name][argument] == null && (
        try(tobool(declaration.required), true) || contains(local.placeholders[name], "ARG:${argument}")
      )
    ]
  ])

  # In an ARN these would widen the permission beyond the one thing that the argument names.
  widening_arguments = flatten([
    for name, values in local.argument_values : [
      for argument, value in values : "${name}: ${argument} = ${jsonencode(value)}"
      if value != null && contains(local.placeholders[name], "ARG:${argument}") && can(regex("[*?]|\\$\\{", value))
    ]
  ])

  unknown_placeholders = flatten([
    for name, placeholders in local.placeholders : [
      for placeholder in placeholders : "${name}: **${placeholder}**"
      if can(regex("^[A-Za-z0-9_:]+$", placeholder)) && !contains(["ACCOUNT_ID", "REGION", "PARTITION", "EVENT_BUS", "PROJECT_NAME", "ENVIRONMENT"], placeholder) &&
      !contains([for argument in keys(local.declared_arguments[name]) : "ARG:${argument}"], placeholder)
    ]
  ])

  # A statement that says more than these would be broader without it.
  odd_statements = distinct([
    for name, metric in local.chosen : metric.class if !alltrue([
      for statement in try(local.known[metric.class].permissions, []) :
      length(setsubtract(try(keys(statement), ["?"]), ["Action", "Resource", "Condition", "Sid"])) == 0 &&
      can(flatten([statement.Action, statement.Resource])) && length(split("**", jsonencode(statement))) % 2 == 1
    ])
  ])

  unpackaged = distinct([
    for metric in values(local.chosen) : metric.class if local.packaged_metrics == null ? false : !contains(local.packaged_metrics, metric.class)
  ])
}
