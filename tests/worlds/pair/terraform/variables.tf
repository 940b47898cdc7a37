variable "accounts" {
  description = "Ids of the accounts hub, north and south."
  type        = map(string)
}

variable "north_metrics" {
  description = "Metrics of the spoke North."
  type        = list(string)
}

variable "north_instances" {
  description = "Metrics with arguments of the spoke North."
  type = map(object({
    class      = string
    arguments  = optional(map(string), {})
    at_runtime = optional(map(list(string)), {})
  }))
  default = {}
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
