variable "package_path" {
  description = "Path of the Lambda package. Null means the package that `make package-lambdas` writes in this repository."
  type        = string
  default     = null
}

variable "package_s3" {
  description = "Location of the Lambda package in S3, instead of package_path. Use a new key or version for each package."
  type = object({
    bucket  = string
    key     = string
    version = optional(string)
  })
  default = null
  validation {
    condition     = var.package_s3 == null ? true : var.package_s3.bucket != null && var.package_s3.key != null
    error_message = "Set bucket and key of package_s3, or package_s3 to null."
  }
}

variable "architecture" {
  description = "Instruction set of the functions. Use x86_64 in regions without arm64, or for packages with native code for it."
  type        = string
  default     = "arm64"
  nullable    = false
  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "Use arm64, which is cheaper, or x86_64."
  }
}
