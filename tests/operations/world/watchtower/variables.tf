variable "hub_account" {
  description = "Id of the account of the hub."
  type        = string
}

variable "spoke_account" {
  description = "Id of the account of the spoke."
  type        = string
}

variable "stage" {
  description = "Stage of both connections."
  type        = string
  default     = "forwarding"
}

variable "package_path" {
  description = "The Lambda package."
  type        = string
}
