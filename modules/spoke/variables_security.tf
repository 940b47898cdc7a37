variable "kms_key_arn" {
  description = "ARN of a customer-managed key for bus, logs and environment variables, with the policy of output kms_key_policy_json. Null means AWS-owned keys."
  type        = string
  default     = null
  validation {
    condition     = var.kms_key_arn == null ? true : can(regex(local.patterns.kms_key_arn, var.kms_key_arn))
    error_message = "Use the ARN of a key, such as arn:aws:kms:eu-west-1:111122223333:key/<id>. IAM policies do not support aliases."
  }
}

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

variable "vpc_config" {
  description = "Subnets and security groups of the extraction function. The subnets need a route to the AWS APIs. Null means no VPC. Before a destroy, see the README."
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  default = null
  validation {
    condition = var.vpc_config == null ? true : try(
      !contains([for id in concat(var.vpc_config.subnet_ids, var.vpc_config.security_group_ids) : id == null], true), false
    )
    error_message = "Set subnet_ids and security_group_ids of vpc_config to lists without null, or vpc_config to null."
  }
}
