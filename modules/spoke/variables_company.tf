# What a company's own rules ask for: keys, boundaries, networks, where package and manifest come from. All optional.

variable "manifest_path" {
  description = "Path of the manifest that says what each metric needs; null takes this repository's. Metrics of your own come with `ds-dashboard manifest --metrics DIR -o FILE`."
  type        = string
  default     = null
}

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
  description = "ARN of a customer-managed key for bus, logs and environment variables; its policy needs the statements of output kms_key_policy_json. Null means AWS-owned keys."
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

variable "architecture" {
  description = "Processor of the extraction function; x86_64 for packages or layers with native code built for it."
  type        = string
  default     = "arm64"
  nullable    = false
  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "Use arm64, which is cheaper, or x86_64."
  }
}

variable "layers" {
  description = "ARNs of layer versions for the extraction function, such as a newer boto3 or a company's certificates."
  type        = list(string)
  default     = []
  nullable    = false
  validation {
    condition     = length(var.layers) <= 5 && alltrue([for arn in var.layers : can(regex("^arn:[a-z0-9-]+:lambda:.+:layer:.+:[0-9]+$", arn))])
    error_message = "Give at most five ARNs of layer versions, such as arn:aws:lambda:eu-west-1:111122223333:layer:boto3:7."
  }
}

variable "vpc_config" {
  description = "Subnets and security groups for the extraction function, where company rules ask for a VPC; it needs a way to the AWS APIs from there. Null means no VPC."
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  default = null
}
