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

variable "stage" {
  description = "\"permissions\" the first time, in every account; then \"forwarding\"."
  type        = string
  default     = "forwarding"
  nullable    = false
}

variable "hold" {
  description = "Names of parameters whose other side is not ready yet, such as /monitored_projects/Project2/dev."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "monitors" {
  description = "Hubs that this account reports to, as name to account id or bus ARN; null reads them from Parameter Store."
  type        = map(string)
  default     = null
}

variable "monitored_projects" {
  description = "Spokes that this account listens to, as project name to environment to account id or bus ARN; null reads them from Parameter Store."
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
  description = "Tags for everything that takes tags."
  type        = map(string)
  default     = {}
  nullable    = false
}
