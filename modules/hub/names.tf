# Names and ARNs are built from the name, the account and the region and not read from resources. Therefore, policies are known
# at plan time, and no two resources wait for each other.

data "aws_caller_identity" "current" {}

# Providers 5 and 6 both have these attributes for the region and the partition.
data "aws_service" "events" {
  service_id = "events"
}

# Its attributes show the version of the provider: `region` exists from 6.0 on.
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  region    = data.aws_service.events.region
  partition = data.aws_service.events.partition

  bus_name     = "${var.name}-hub"
  bus_arn      = "arn:${local.partition}:events:${local.region}:${local.account}:event-bus/${local.bus_name}"
  archive_rule = "${var.name}-archive"

  # With the path, so that another hub that reads the same parameters is recognized. EventBridge allows 512 characters.
  bus_description = substr("Refreshes to spokes, and results from spokes. The spokes are below ${var.monitored_projects_path}", 0, 512)

  rule_arn = "arn:${local.partition}:events:${local.region}:${local.account}:rule/${local.bus_name}/${local.archive_rule}"

  event_archive     = "${var.name}-hub"
  event_archive_arn = "arn:${local.partition}:events:${local.region}:${local.account}:archive/${local.event_archive}"

  table_arns = {
    for role in ["metrics", "latest", "spokes"] :
    role => "arn:${local.partition}:dynamodb:${local.region}:${local.account}:table/${var.name}-${role}"
  }
  queue_arns = {
    for role in [
      "events", "rejected", "events-dead-letters", "rule-dead-letters", "bus-dead-letters", "function-dead-letters",
      "to-spokes-dead-letters",
    ] :
    role => "arn:${local.partition}:sqs:${local.region}:${local.account}:${var.name}-${role}"
  }
  function_arns = {
    for role in ["archive", "refresh", "watch", "report", "widget"] :
    role => "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${var.name}-${role}"
  }
  log_group_arns = {
    for role in concat(["archive", "refresh", "watch"], local.optional_roles) :
    role => "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/aws/lambda/${var.name}-${role}"
  }
  registry_arn = "arn:${local.partition}:ssm:${local.region}:${local.account}:parameter${var.monitored_projects_path}"

  # A list, empty without a key, from which policies build their statements about the key.
  kms_keys = compact([var.kms_key_arn])

  # Provider 5 rejects more with an error that does not name the fix. A check does.
  queue_max_message_size = contains(keys(data.aws_region.current), "region") ? var.queue_max_message_size : min(var.queue_max_message_size, 262144)

  # `kms:ViaService` of a call that a service makes to KMS with the credentials of its caller. Nobody but AWS can set it, so that a
  # second suffix, where the partition has one, does no harm.
  dns_suffix = trimprefix(data.aws_service.events.dns_name, "events.${local.region}.")
  via_service = {
    for service in ["dynamodb", "lambda", "s3", "sqs"] :
    service => distinct([for suffix in ["amazonaws.com", local.dns_suffix] : "${service}.${local.region}.${suffix}"])
  }
}
