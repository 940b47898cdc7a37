variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "others" {
  description = "Who is sent to, as a word for names: hubs or spokes."
  type        = string
}

variable "bus_name" {
  description = "Name of this account's bus, on which the rules stand."
  type        = string
}

variable "bus_policy_json" {
  description = "Policy of that bus: who of the others may put events on it."
  type        = string
}

variable "event_pattern" {
  description = "What is forwarded, as an event pattern in JSON."
  type        = string
}

variable "targets" {
  description = "ARNs of the buses to send to now."
  type        = list(string)
}

variable "others_buses" {
  description = "ARNs of the buses that may be sent to sooner or later; the role allows their names and regions."
  type        = list(string)
}

variable "alarm_actions" {
  description = "ARNs of SNS topics that alarms notify."
  type        = list(string)
}

variable "disabled_alarms" {
  description = "Alarms not to make, by their names without the prefix."
  type        = set(string)
}

variable "permissions_boundary_arn" {
  description = "ARN of the role's permissions boundary; null means none."
  type        = string
}

variable "iam_path" {
  description = "Path of the role."
  type        = string
}

variable "tags" {
  description = "Tags for everything that takes tags."
  type        = map(string)
}
