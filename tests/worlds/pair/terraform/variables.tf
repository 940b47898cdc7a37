variable "accounts" {
  description = "Ids of the accounts hub, north and south."
  type        = map(string)
}

variable "north_metrics" {
  description = "Metrics of the spoke North."
  type        = list(string)
}

variable "manifest_path" {
  description = "What `ds-dashboard manifest` wrote."
  type        = string
}

variable "package_path" {
  description = "What `ds-dashboard package` wrote."
  type        = string
}

variable "stage" {
  description = "Stage of all connections, permissions or forwarding."
  type        = string
}
