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

variable "monitored_projects" {
  description = "Spokes to listen to, as project name to environment to account id or bus ARN; none here where you register them with `aws ssm put-parameter`."
  type        = map(map(string))
  default     = {}
  nullable    = false
}

variable "refresh_schedule" {
  description = "When to ask all spokes for fresh values, as an EventBridge Scheduler expression in UTC; null means only when the refresh function is called."
  type        = string
  default     = "rate(1 day)"
}

variable "retention_days" {
  description = "Days after which a value leaves the history; null keeps values for ever."
  type        = number
  default     = null
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
