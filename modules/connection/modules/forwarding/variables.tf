variable "name" {
  description = "Prefix of the names of all resources."
  type        = string
}

variable "peer_kind" {
  description = "Kind of the peers, as a part of names: hubs or spokes."
  type        = string
}

variable "bus_name" {
  description = "Name of this account's bus, which has the rules."
  type        = string
}

variable "bus_policy_json" {
  description = "Policy of that bus: the peers that may put events on it."
  type        = string
}

variable "event_pattern" {
  description = "Pattern of the events to forward, as JSON."
  type        = string
}

variable "targets" {
  description = "ARNs of the buses to forward to."
  type        = list(string)
}

variable "peer_bus_arns" {
  description = "ARNs of all peers' buses, including those on hold. The role allows their names and regions."
  type        = list(string)
}

variable "queue_max_message_size" {
  description = "Maximum size of a message on the dead-letter queue, in bytes."
  type        = number
}

variable "alarm_actions" {
  description = "ARNs of SNS topics that alarms notify."
  type        = list(string)
}

variable "disabled_alarms" {
  description = "Alarms not to create, by their names without the prefix."
  type        = set(string)
}

variable "permissions_boundary_arn" {
  description = "ARN of the role's permissions boundary. Null means no boundary."
  type        = string
}

variable "iam_path" {
  description = "IAM path of the role."
  type        = string
}

variable "tags" {
  description = "Tags for all resources that support tags."
  type        = map(string)
}
