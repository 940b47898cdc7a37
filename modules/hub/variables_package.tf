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
}
