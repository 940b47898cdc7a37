variable "permissions_boundary_arn" {
  description = "ARN of the permissions boundary for all roles. Null means no boundary."
  type        = string
  default     = null
  validation {
    condition     = var.permissions_boundary_arn == null ? true : can(regex(local.patterns.boundary_arn, var.permissions_boundary_arn))
    error_message = "Use the ARN of an IAM policy, such as arn:aws:iam::111122223333:policy/boundary."
  }
}

variable "iam_path" {
  description = "IAM path of all roles."
  type        = string
  default     = "/"
  nullable    = false
  validation {
    condition     = can(regex(local.patterns.iam_path, var.iam_path))
    error_message = "Use a path that begins and ends with a slash, such as /ds-dashboard/."
  }
}
