# Arguments of metrics: the values that metric_instances gives them, those that a refresh may set, and what is wrong with them.

locals {
  declared_arguments = { for name, metric in local.chosen : name => try(local.known[metric.class].arguments, {}) }

  # The given value, else the default, else null. A default can have any JSON type.
  argument_values = {
    for name, metric in local.chosen : name => {
      for argument, declaration in local.declared_arguments[name] : argument => (
        lookup(metric.arguments, argument, null) != null
        ? metric.arguments[argument]
        : try(tostring(declaration.default), jsonencode(declaration.default), null)
      )
    }
  }

  # The arguments that each metric's permissions use.
  permission_arguments = {
    for name, placeholders in local.placeholders : name => [
      for argument in keys(local.declared_arguments[name]) : argument if contains(placeholders, "ARG:${argument}")
    ]
  }

  unknown_arguments = flatten([
    for name, metric in local.chosen : [
      for argument in distinct(concat(keys(metric.arguments), keys(metric.at_runtime))) :
      "${name}: ${argument} (${metric.class} has ${try(coalesce(join(", ", keys(local.declared_arguments[name]))), "none")})"
      if !contains(keys(local.declared_arguments[name]), argument)
    ]
  ])

  missing_arguments = flatten([
    for name, arguments in local.declared_arguments : [
      for argument, declaration in arguments : "${name}: ${argument}"
      if local.argument_values[name][argument] == null && try(tobool(declaration.required), true)
    ]
  ])

  unlimited_arguments = flatten([
    for name, metric in local.chosen : [
      for argument, values in metric.at_runtime : "${name}: ${argument}"
      if contains(values, "*") && (length(values) > 1 || contains(local.permission_arguments[name], argument))
    ]
  ])

  # In an ARN, wildcards and policy variables would match more than the one resource that the argument names.
  widening_arguments = flatten([
    for name, arguments in local.permission_arguments : [
      for argument in arguments : [
        for value in concat(
          [for value in [local.argument_values[name][argument]] : value if value != null],
          [for value in lookup(local.chosen[name].at_runtime, argument, []) : value if value != "*"],
        ) : "${name}: ${argument} = ${jsonencode(value)}" if can(regex(local.patterns.wildcard, value))
      ]
    ]
  ])

  given_values = flatten([
    for name, metric in local.chosen : [
      for argument, declaration in local.declared_arguments[name] : [
        for value in concat(
          [for value in [lookup(metric.arguments, argument, null)] : value if value != null],
          [for value in lookup(metric.at_runtime, argument, []) : value if value != "*"],
          ) : {
          subject = "${name}: ${argument} = ${jsonencode(value)}"
          value   = value
          type    = try(tostring(declaration.type), "string")
          minimum = try(tonumber(declaration.minimum), null)
          maximum = try(tonumber(declaration.maximum), null)
          choices = try([for choice in declaration.choices : tostring(choice)], null)
        }
      ]
    ]
  ])
  # As ds_dashboard/metrics/arguments.py converts them.
  type_patterns = { integer = local.patterns.integer, number = local.patterns.number, boolean = local.patterns.boolean }
  invalid_values = [
    for one in local.given_values : "${one.subject} (${join(", ", compact([
      one.type,
      one.choices == null ? "" : "one of ${join(", ", one.choices)}",
      join(" and ", compact([
        one.minimum == null ? "" : "at least ${one.minimum}",
        one.maximum == null ? "" : "at most ${one.maximum}",
      ])),
    ]))})"
    if !alltrue([
      can(regex(lookup(local.type_patterns, one.type, ""), one.value)) && (one.type != "json" || can(jsondecode(one.value))),
      one.choices == null ? true : contains(one.choices, one.type == "string" ? one.value : try(tostring(tonumber(one.value)), "")),
      one.minimum == null ? true : try(tonumber(one.value) >= one.minimum, false),
      one.maximum == null ? true : try(tonumber(one.value) <= one.maximum, false),
    ])
  ]

  # A refresh with arguments writes a series of its own, in whose name ds_dashboard/series.py encodes some characters.
  invalid_series = flatten([
    for name, metric in local.chosen : [
      for argument, values in metric.at_runtime : [
        for value in values : "${name}(${argument}=${value})"
        if !can(regex(local.patterns.metric_name, "${name}(${argument}=${replace(value, "/[%;()#]/", "%00")})"))
      ]
    ]
  ])
}
