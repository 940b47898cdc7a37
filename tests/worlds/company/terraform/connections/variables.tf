variable "accounts" {
  description = "Ids of the accounts, by name."
  type        = map(string)
}

variable "organization" {
  description = "The organization whose accounts may send to the hub `guard`."
  type        = string
}

variable "stage" {
  description = "Stage of all connections: permissions, then forwarding."
  type        = string
  default     = "forwarding"
}
