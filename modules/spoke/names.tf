# Names and ARNs are built from the name, the account and the region and not read from resources. Therefore, policies and their
# sizes are known at plan time.

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

  bus_name        = "${var.name}-spoke"
  bus_arn         = "arn:${local.partition}:events:${local.region}:${local.account}:event-bus/${local.bus_name}"
  extraction_rule = "${var.name}-extract"

  # With the path, so that another spoke that reads the same parameters is recognized. EventBridge allows 512 characters.
  bus_description = substr("Refreshes from hubs, and results of this spoke. The hubs are below ${var.monitors_path}", 0, 512)

  rule_arn       = "arn:${local.partition}:events:${local.region}:${local.account}:rule/${local.bus_name}/${local.extraction_rule}"
  function_name  = "${var.name}-extract"
  function_arn   = "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${local.function_name}"
  log_group_name = "/aws/lambda/${local.function_name}"
  log_group_arn  = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${local.log_group_name}"

  queue_names = ["spoke-dead-letters", "spoke-bus-dead-letters"]
  queue_arns = {
    for role in concat(local.queue_names, ["to-hubs-dead-letters"]) :
    role => "arn:${local.partition}:sqs:${local.region}:${local.account}:${var.name}-${role}"
  }

  # Provider 5 rejects more with an error that does not name the fix. A check does.
  queue_max_message_size = contains(keys(data.aws_region.current), "region") ? var.queue_max_message_size : min(var.queue_max_message_size, 262144)

  # `kms:ViaService` of a call that Lambda makes to KMS with the credentials of a function or a person. Nobody but AWS can set it,
  # so that a second suffix, where the partition has one, does no harm.
  dns_suffix = trimprefix(data.aws_service.events.dns_name, "events.${local.region}.")
  via_lambda = distinct([for suffix in ["amazonaws.com", local.dns_suffix] : "lambda.${local.region}.${suffix}"])
}
