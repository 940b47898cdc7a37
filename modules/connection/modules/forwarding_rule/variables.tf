variable "rule_name" {
  description = "Name of the rule."
  type        = string
}

variable "bus_name" {
  description = "Name of the bus that has the rule."
  type        = string
}

variable "event_pattern" {
  description = "Pattern of the events to forward, as JSON."
  type        = string
}

variable "target_bus_arn" {
  description = "ARN of the target bus."
  type        = string
}

variable "role_arn" {
  description = "ARN of the role that puts events on the target bus."
  type        = string
}

variable "dead_letter_arn" {
  description = "ARN of the queue for events that could not be delivered."
  type        = string
}

variable "tags" {
  description = "Tags of the rule."
  type        = map(string)
}
