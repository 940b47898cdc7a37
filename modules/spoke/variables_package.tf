variable "manifest_path" {
  description = "Path of the manifest of metrics. Null means this repository's; `ds-dashboard manifest --metrics DIR -o FILE` writes one for your own metrics."
  type        = string
  default     = null
}

variable "package_path" {
  description = "Path of the Lambda package. Null means the package that `make package-lambdas` writes in this repository."
  type        = string
  default     = null
}

variable "package_s3" {
  description = "Location of the Lambda package in S3, instead of package_path. Use a new key, version or sha256 for each package. With sha256, plans report functions that run other code."
  type = object({
    bucket  = string
    key     = string
    version = optional(string)
    sha256  = optional(string)
  })
  default = null
  validation {
    condition     = var.package_s3 == null ? true : var.package_s3.bucket != null && var.package_s3.key != null
    error_message = "Set bucket and key of package_s3, or package_s3 to null."
  }
  validation {
    condition = try(var.package_s3.sha256, null) == null ? true : can(regex(local.patterns.sha256, var.package_s3.sha256))
    error_message = join(" ", [
      "sha256 of package_s3 is not a SHA-256 hash: ${jsonencode(try(var.package_s3.sha256, null))}.",
      "Use the 64 hexadecimal digits that `sha256sum` prints for the zip, or base64sha256 of the file <zip>.json next to it.",
    ])
  }
}

variable "architecture" {
  description = "Instruction set of the extraction function. Use x86_64 for packages or layers with native code for it."
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
    condition     = length(var.layers) <= 5 && alltrue([for arn in var.layers : can(regex(local.patterns.layer_arn, arn))])
    error_message = "Use at most five ARNs of layer versions, such as arn:aws:lambda:eu-west-1:111122223333:layer:boto3:7."
  }
}
