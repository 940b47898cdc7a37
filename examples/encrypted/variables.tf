variable "profile" {
  description = "Profile of the AWS CLI for the account. Null means AWS_PROFILE, or credentials from the environment."
  type        = string
  default     = null
}

variable "region" {
  description = "Region. Null means the region of the profile, or AWS_REGION."
  type        = string
  default     = null
}

variable "package_path" {
  description = "Path of the Lambda package from `make package-lambdas` or from a release, relative to this folder."
  type        = string
  default     = "../../lambda_src/dist/ds_dashboard.zip"
  nullable    = false
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
  description = "Metrics with arguments, as metric name to class, arguments, and the values that a refresh can set."
  type = map(object({
    class      = string
    arguments  = optional(map(string), {})
    at_runtime = optional(map(list(string)), {})
  }))
  default  = {}
  nullable = false
}

variable "refresh_schedule" {
  description = "Schedule for refreshes of all spokes, as an EventBridge Scheduler expression in UTC. Null means only on demand."
  type        = string
  default     = "rate(1 day)"
}

variable "deletion_protection" {
  description = "Whether the tables have deletion protection. Apply with false before `terraform destroy`."
  type        = bool
  default     = true
  nullable    = false
}

variable "alarm_actions" {
  description = "ARNs of SNS topics that alarms notify."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "tags" {
  description = "Tags for all resources that support tags."
  type        = map(string)
  default     = {}
  nullable    = false
}
