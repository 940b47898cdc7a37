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

  placeholder_values = {
    for name, values in local.argument_values : name => merge(
      local.common_values,
      { for argument, value in values : "ARG:${argument}" => value if value != null },
      # The ARN already has a slash before the parameter name: parameter//team/x would be denied.
      { for argument, value in values : "ARG:${argument}|no-leading-slash" => replace(value, "/^\\/+/", "") if value != null },
    )
  }

  # Placeholders are replaced in the JSON text of a statement, which is split at **: odd pieces are names. Values are escaped.
  escaped_values = {
    for name, values in merge(local.placeholder_values, { "" = local.common_values }) :
    name => { for key, value in values : key => substr(jsonencode(value), 1, length(jsonencode(value)) - 2) }
  }

  metric_statements = {
    for name, metric in local.chosen : name => [
      for statement in try(local.known[metric.class].permissions, []) : try(jsondecode(join("", [
        for i, piece in split("**", jsonencode(statement)) : i % 2 == 0 ? piece : lookup(local.escaped_values[name], piece, "?")
      ])), null)
    ]
  }
  base_statements = [
    for statement in try(local.manifest.base_permissions, []) : try(jsondecode(join("", [
      for i, piece in split("**", jsonencode(statement)) : i % 2 == 0 ? piece : lookup(local.escaped_values[""], piece, "?")
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
