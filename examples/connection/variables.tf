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

variable "stage" {
  description = "Stage to apply: \"permissions\" in every account first, then \"forwarding\"."
  type        = string
  default     = "forwarding"
  nullable    = false
}

variable "hold" {
  description = "Names of parameters whose account is not ready yet, such as /monitored_projects/Project2/dev."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "monitors" {
  description = "Hubs to report to, as name to account ID or bus ARN. Null reads Parameter Store."
  type        = map(string)
  default     = null
}

variable "monitored_projects" {
  description = "Spokes to listen to, as project name to environment to account ID or bus ARN. Null reads Parameter Store."
  type        = map(map(string))
  default     = null
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
