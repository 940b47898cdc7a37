variable "profile" {
  description = "Profile of the AWS CLI for the account to apply in; null takes AWS_PROFILE, or credentials from the environment."
  type        = string
  default     = null
}

variable "region" {
  description = "Region to apply in; null takes the profile's, or AWS_REGION."
  type        = string
  default     = null
}

variable "package_path" {
  description = "Path of the Lambda package, seen from this folder: what `make package-lambdas` wrote, or what was downloaded with a release."
  type        = string
  default     = "../../lambda_src/dist/ds_dashboard.zip"
  nullable    = false
}

variable "manifest_path" {
  description = "Path of the manifest of your own metrics, seen from this folder; null takes this repository's metrics."
  type        = string
  default     = null
}

variable "project_name" {
  description = "Name of the project, as the hub registers it."
  type        = string
  default     = "Project1"
  nullable    = false
}

variable "environment" {
  description = "Environment of the project, such as dev or prod, as the hub registers it."
  type        = string
  default     = "dev"
  nullable    = false
}

variable "metrics" {
  description = "Names of metrics, from docs/metrics.md."
  type        = list(string)
  default     = ["CompletedTrainingJobs24h", "NumberEndPointsInService", "TotalCompletedTrainingJobs"]
  nullable    = false
}

variable "metric_instances" {
  description = "Metrics that take arguments, as name of the value to class and arguments."
  type = map(object({
    class     = string
    arguments = optional(map(string), {})
  }))
  default  = {}
  nullable = false
}

variable "monitors" {
  description = "Hubs to report to, as a name of your choice to the hub's account id or bus ARN; none here where you name them with `aws ssm put-parameter`."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "schedule_expression" {
  description = "When to extract without being asked, as an EventBridge Scheduler expression in UTC; null extracts when the hub asks."
  type        = string
  default     = null
}

variable "alarm_actions" {
  description = "ARNs of SNS topics that alarms notify."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "tags" {
  description = "Tags for everything that takes tags."
  type        = map(string)
  default     = {}
  nullable    = false
}
