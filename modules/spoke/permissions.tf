# The extraction function's permissions: the statements of its metrics, with placeholders filled in and equal statements merged,
# so that the permissions of sixty metrics fit into the limits of IAM.

locals {
  common_values = {
    ACCOUNT_ID   = local.account
    REGION       = local.region
    PARTITION    = local.partition
    EVENT_BUS    = local.bus_name
    PROJECT_NAME = var.project_name
    ENVIRONMENT  = var.environment
  }

  # The statements of each metric as JSON, and the placeholders in them, without filters. A text is split at **: odd pieces are names.
  statement_texts = {
    for name, metric in local.chosen : name => [for statement in try(local.known[metric.class].permissions, []) : jsonencode(statement)]
  }
  placeholders = {
    for name, texts in local.statement_texts : name => distinct([
      for i, piece in split("**", join("", texts)) : split("|", piece)[0] if i % 2 == 1
    ])
  }

  # What replaces an argument: its value, and the values that a refresh can set. An optional argument without a value does not narrow
  # the statement, which is then as broad as *. Values are escaped for JSON. An ARN can have a slash before the name of a parameter
  # already: parameter//team/x would be denied.
  permission_values = {
    for name, arguments in local.permission_arguments : name => {
      for argument in arguments : argument => [
        for value in distinct(concat(
          [local.argument_values[name][argument] == null ? "*" : local.argument_values[name][argument]],
          lookup(local.chosen[name].at_runtime, argument, []),
          )) : {
          for placeholder, text in {
            "ARG:${argument}"                  = value
            "ARG:${argument}|no-leading-slash" = replace(value, "/^\\/+/", "")
          } : placeholder => substr(jsonencode(text), 1, length(jsonencode(text)) - 2)
        }
      ]
    }
  }

  # One statement for each combination of the values of the arguments in it.
  metric_statements = {
    for name, texts in local.statement_texts : name => flatten([
      for text in texts : [
        for values in [
          for combination in setproduct([{}], [{}], [
            for argument in local.permission_arguments[name] : local.permission_values[name][argument]
            if strcontains(text, "**ARG:${argument}**") || strcontains(text, "**ARG:${argument}|")
          ]...) : merge(local.common_values, combination...)
          ] : try(jsondecode(join("", [
            for i, piece in split("**", text) : i % 2 == 0 ? piece : lookup(values, piece, "?")
        ])), null)
      ]
    ])
  }
  base_statements = [
    for statement in try(local.manifest.base_permissions, []) : try(jsondecode(join("", [
      for i, piece in split("**", jsonencode(statement)) : i % 2 == 0 ? piece : lookup(local.common_values, piece, "?")
    ])), null)
  ]

  # Merged first by resources, then by actions. Both keep exactly the declared permissions.
  statements = [
    for statement in concat(local.base_statements, flatten(values(local.metric_statements))) : {
      actions   = flatten([statement.Action])
      resources = sort(distinct(flatten([statement.Resource])))
      condition = try(statement.Condition, null)
    } if can(flatten([statement.Action, statement.Resource]))
  ]
  by_resources = {
    for statement in local.statements : jsonencode([statement.resources, statement.condition]) => statement.actions...
  }
  by_actions = {
    for key, actions in local.by_resources :
    jsonencode([sort(distinct(flatten(actions))), jsondecode(key)[1]]) => jsondecode(key)[0]...
  }
  merged_statements = [
    for key, resources in local.by_actions : {
      for word, value in {
        Effect    = "Allow"
        Action    = jsondecode(key)[0]
        Resource  = sort(distinct(flatten(resources)))
        Condition = jsondecode(key)[1]
      } : word => value if value != null
    }
  ]

  iam_policy_json = jsonencode({ Version = "2012-10-17", Statement = local.merged_statements })
}
