variable "accounts" {
  description = "Ids of the accounts hub and spoke."
  type        = map(string)
}

variable "organization" {
  description = "The organization whose accounts may send to the hub."
  type        = string
}

variable "stage" {
  description = "How far the connections go."
  type        = string
}

variable "manifest_path" {
  description = "The manifest of the built-in metrics."
  type        = string
}

variable "package_path" {
  description = "The package of the built-in metrics."
  type        = string
}
