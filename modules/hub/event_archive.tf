# What arrives, kept by EventBridge before anything else can go wrong with it. A replay names the archive's rule as its filter,
# and what is there already stays as it is. Archives take no tags, and under provider 5 no key: AWS's own encrypts them.
resource "aws_cloudwatch_event_archive" "this" {
  count = var.event_archive_days == null ? 0 : 1

  name             = local.event_archive
  description      = "What the spokes sent, without the refreshes, to be replayed for the rule ${local.archive_rule}."
  event_source_arn = aws_cloudwatch_event_bus.this.arn
  event_pattern    = local.archived_events
  retention_days   = var.event_archive_days
}
