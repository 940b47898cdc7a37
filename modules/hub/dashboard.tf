# The dashboard in the CloudWatch console, and the function behind its first widget. The console invokes that function with the
# permissions of the viewer, who needs the statements of reader_policy_json. What the function reads, it reads with its own role.

locals {
  # An account's dashboards share one namespace for all regions.
  dashboard_name = "${var.name}-hub-${local.region}"
  dashboard_arn  = "arn:${local.partition}:cloudwatch::${local.account}:dashboard/${local.dashboard_name}"
  console_hosts = {
    aws        = "console.aws.amazon.com"
    aws-cn     = "console.amazonaws.cn"
    aws-us-gov = "console.amazonaws-us-gov.com"
  }

  widget = {
    description = "Shows the values of all spokes in the dashboard ${local.dashboard_name}."
    handler     = "ds_dashboard.handlers.widget.handler"
    timeout     = 60
    memory      = 1769 # one virtual processor, and space for 100,000 series
    encrypts    = false
    decrypts    = ["dynamodb", "lambda"] # the tables, and its environment
    environment = {
      DS_DASHBOARD_MONITORED_PROJECTS_PATH = var.monitored_projects_path
      DS_DASHBOARD_SILENT_AFTER_HOURS      = tostring(var.silent_after)
    }
    statements = local.pages_statements
  }

  # Namespace, name and dimensions of each line, as dashboards have them, and its statistic.
  graphs = [
    {
      title     = "Age of the oldest event (seconds)"
      statistic = "Maximum"
      period    = 300
      limit     = { label = "events-too-old", value = local.alarm_thresholds["events-too-old"] }
      metrics = [
        ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", "${var.name}-events"],
        ["DSDashboard", "OldestRetriedEventAge", "Name", var.name],
      ]
    },
    {
      title     = "Events archived"
      statistic = "Sum"
      period    = 300
      limit     = null
      metrics   = [for metric in ["Archived", "Redelivered"] : ["DSDashboard", metric, "Name", var.name]]
    },
    {
      title     = "Events rejected and failed, and metrics that fail"
      statistic = "Sum"
      period    = 300
      limit     = null
      metrics   = [for metric in ["Rejected", "Failed", "ExtractionFailures"] : ["DSDashboard", metric, "Name", var.name]]
    },
    {
      title     = "Silent spokes"
      statistic = "Maximum"
      period    = 3600
      limit     = null
      metrics   = [["DSDashboard", "SilentSpokes", "Name", var.name]]
    },
    {
      title     = "Messages on dead-letter queues"
      statistic = "Maximum"
      period    = 300
      limit     = null
      metrics = [
        for queue in keys(local.dead_letter_queues) :
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "${var.name}-${queue}"]
      ]
    },
    {
      title     = "Errors of functions"
      statistic = "Sum"
      period    = 300
      limit     = null
      metrics   = [for role in keys(local.functions) : ["AWS/Lambda", "Errors", "FunctionName", "${var.name}-${role}"]]
    },
  ]

  # CloudWatch rejects a widget without any alarm.
  dashboard_alarms = [
    for alarm in keys(aws_cloudwatch_metric_alarm.this) :
    "arn:${local.partition}:cloudwatch:${local.region}:${local.account}:alarm:${var.name}-hub-${alarm}"
  ]
  graphs_y = length(local.dashboard_alarms) == 0 ? 16 : 19

  dashboard_widgets = concat(
    [
      {
        type   = "custom"
        x      = 0
        y      = 0
        width  = 24
        height = 16
        properties = {
          title    = "${var.name}: the newest values of all spokes"
          endpoint = local.function_arns["widget"]
          params   = { address = "/" }
          # Not when its size or the time range changes: the viewer may have gone to another page.
          updateOn = { refresh = true, resize = false, timeRange = false }
        }
      },
    ],
    [
      for alarms in [local.dashboard_alarms] : {
        type       = "alarm"
        x          = 0
        y          = 16
        width      = 24
        height     = 3
        properties = { title = "Alarms", alarms = alarms }
      } if length(alarms) > 0
    ],
    [
      for place, graph in local.graphs : {
        type   = "metric"
        x      = place % 3 * 8
        y      = local.graphs_y + floor(place / 3) * 6
        width  = 8
        height = 6
        properties = merge(
          {
            title   = graph.title
            region  = local.region
            view    = "timeSeries"
            stacked = false
            period  = graph.period
            stat    = graph.statistic
            metrics = graph.metrics
            yAxis   = { left = { min = 0, showUnits = false } }
          },
          { for limit in [graph.limit] : "annotations" => { horizontal = [limit] } if limit != null },
        )
      }
    ],
  )
}

resource "aws_cloudwatch_dashboard" "this" {
  count = var.dashboard ? 1 : 0

  dashboard_name = local.dashboard_name
  dashboard_body = jsonencode({ start = "-P1D", periodOverride = "inherit", widgets = local.dashboard_widgets })

  depends_on = [aws_scheduler_schedule_group.this]
}
