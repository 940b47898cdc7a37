variable "rule_name" {
  description = "Name of the rule."
  type        = string
}

variable "bus_name" {
  description = "Name of the bus that the rule stands on."
  type        = string
}

variable "event_pattern" {
  description = "What is forwarded, as an event pattern in JSON."
  type        = string
}

variable "target_bus_arn" {
  description = "ARN of the bus to send to."
  type        = string
}

variable "role_arn" {
  description = "ARN of the role that puts the events there."
  type        = string
}

variable "dead_letter_arn" {
  description = "ARN of the queue for events that could not be sent."
  type        = string
}

variable "tags" {
  description = "Tags of the rule."
  type        = map(string)
}
