# What a company's own rules ask for: keys, boundaries, where the package comes from. All optional.

variable "package_path" {
  description = "Path of the Lambda package; null takes the one that `make package-lambdas` writes in this repository."
  type        = string
  default     = null
}

variable "package_s3" {
  description = "Where in S3 the Lambda package lies, instead of package_path; a new package needs a new key or version."
  type = object({
    bucket  = string
    key     = string
    version = optional(string)
  })
  default = null
}

variable "kms_key_arn" {
  description = "ARN of a customer-managed key for tables, bus, queues, logs and environment variables; its policy needs the statements of output kms_key_policy_json. Null means AWS-owned keys."
  type        = string
  default     = null
  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:[a-z0-9-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "Give the key's ARN, such as arn:aws:kms:eu-west-1:111122223333:key/<id>; an alias will not do in IAM policies."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the permissions boundary for every role; null means none."
  type        = string
  default     = null
  validation {
    condition     = var.permissions_boundary_arn == null ? true : can(regex("^arn:[a-z0-9-]+:iam::([0-9]{12}|aws):policy/", var.permissions_boundary_arn))
    error_message = "Give the ARN of an IAM policy, such as arn:aws:iam::111122223333:policy/boundary."
  }
}

variable "iam_path" {
  description = "Path of every role, where a company's rules ask for one."
  type        = string
  default     = "/"
  nullable    = false
  validation {
    condition     = can(regex("^/([A-Za-z0-9._+=,@-]+/)*$", var.iam_path))
    error_message = "Use a path that begins and ends with a slash, such as /ds-dashboard/."
  }
}
