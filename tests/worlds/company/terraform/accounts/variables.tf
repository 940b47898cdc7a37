variable "accounts" {
  description = "Ids of the accounts, by name."
  type        = map(string)
}

variable "manifest_path" {
  description = "Path of the manifest that `ds-dashboard manifest` wrote."
  type        = string
}

variable "package_path" {
  description = "Path of the package that `ds-dashboard package` wrote."
  type        = string
}
