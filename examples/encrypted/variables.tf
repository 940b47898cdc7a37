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

variable "refresh_schedule" {
  description = "When to ask all spokes for fresh values, as an EventBridge Scheduler expression in UTC; null means only when the refresh function is called."
  type        = string
  default     = "rate(1 day)"
}

variable "deletion_protection" {
  description = "Whether DynamoDB refuses to delete the tables; apply with false before `terraform destroy`."
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
  description = "Tags for everything that takes tags."
  type        = map(string)
  default     = {}
  nullable    = false
}
