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

variable "monitored_projects" {
  description = "Spokes to register, as project name to environment to account ID or bus ARN. Empty if you use `aws ssm put-parameter`."
  type        = map(map(string))
  default     = {}
  nullable    = false
}

variable "refresh_schedule" {
  description = "Schedule for refreshes of all spokes, as an EventBridge Scheduler expression in UTC. Null means only on demand."
  type        = string
  default     = "rate(1 day)"
}

variable "retention_days" {
  description = "Days after which a value expires from the history. Null keeps values forever."
  type        = number
  default     = null
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

variable "dashboard" {
  description = "Whether to create a CloudWatch dashboard of the values, the alarms and the health of the hub."
  type        = bool
  default     = true
  nullable    = false
}

variable "report" {
  description = "Schedule of a report in a private bucket, such as { schedule = \"cron(0 6 * * ? *)\" }. Null means no report."
  type        = object({ schedule = string })
  default     = null
}

variable "tags" {
  description = "Tags for all resources that support tags."
  type        = map(string)
  default     = {}
  nullable    = false
}
