# Checks of the input against the account, the region and the partition. Apart from the other checks, which report without an
# AWS account.

locals {
  # What is unknown at plan time is checked when it is known.
  foreign_topics = {
    for name, topics in { alarm_actions = var.alarm_actions, threshold_actions = var.threshold_actions } : name => [
      for arn in topics : arn if join(":", slice(split(":", arn), 1, 4)) != "${local.partition}:sns:${local.region}"
    ]
  }

  foreign_arns = concat(
    [for arn in compact([var.permissions_boundary_arn]) : "permissions_boundary_arn = ${arn}" if split(":", arn)[1] != local.partition],
    [
      for arn in compact([var.kms_key_arn]) : "kms_key_arn = ${arn}"
      if join(":", slice(split(":", arn), 1, 4)) != "${local.partition}:kms:${local.region}"
    ],
  )

  foreign_buses = [
    for spoke, value in local.registered_spokes : "${var.monitored_projects_path}/${spoke} = ${jsonencode(value)}"
    if try(split(":", value)[1], local.partition) != local.partition # an account ID has no partition
  ]
}

resource "terraform_data" "account_checks" {
  lifecycle {
    precondition {
      condition = length(local.foreign_topics.alarm_actions) == 0
      error_message = join(" ", [
        "alarm_actions has topics outside of region ${local.region} of partition ${local.partition}: ${join(", ", local.foreign_topics.alarm_actions)}.",
        "An alarm can notify topics in its own region only. Use a topic in this region.",
      ])
    }
    precondition {
      condition = length(local.foreign_topics.threshold_actions) == 0
      error_message = join(" ", [
        "threshold_actions has topics outside of region ${local.region} of partition ${local.partition}:",
        "${join(", ", local.foreign_topics.threshold_actions)}. Use topics in this region.",
      ])
    }
    precondition {
      condition = length(local.foreign_arns) == 0
      error_message = join(" ", [
        "These ARNs are outside of region ${local.region} or partition ${local.partition}: ${join(", ", local.foreign_arns)}.",
        "Use resources of this region and partition.",
      ])
    }
    precondition {
      condition = length(local.foreign_buses) == 0
      error_message = join(" ", [
        "These parameters have buses of another partition than ${local.partition}: ${join("; ", local.foreign_buses)}.",
        "No event leaves a partition. Correct the ARNs, or use one hub in each partition.",
      ])
    }
    precondition {
      condition = var.queue_max_message_size == local.queue_max_message_size
      error_message = join(" ", [
        "queue_max_message_size is ${var.queue_max_message_size}, and this AWS provider creates queues for messages of at most",
        "${local.queue_max_message_size} bytes. Use version 6.8 or newer of the provider: version = \">= 6.8\" in required_providers,",
        "then `terraform init -upgrade`. Or remove queue_max_message_size.",
      ])
    }
    precondition {
      condition = local.environment_bytes.archive <= 4096
      error_message = join(" ", [
        "thresholds, threshold_actions and cloudwatch_metrics make the environment of ${var.name}-archive",
        "${local.environment_bytes.archive} bytes long, and Lambda allows 4096. Use * in projects and environments of thresholds",
        "instead of long lists, or remove thresholds or metrics.",
      ])
    }
    precondition {
      condition = local.environment_bytes.report <= 4096
      error_message = join(" ", [
        "projects of report makes the environment of ${var.name}-report ${local.environment_bytes.report} bytes long, and Lambda allows 4096.",
        "Use fewer projects, or leave projects out for all of them.",
      ])
    }
  }
}
