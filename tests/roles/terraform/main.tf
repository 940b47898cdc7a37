# A spoke with every metric of the repository, whose function's role each test narrows to one metric.

provider "aws" {
  region     = "eu-west-1"
  access_key = var.account
  secret_key = "local"
}

variable "account" {
  description = "Id of the account, which is the access key of its root on the local cloud."
  type        = string
}

variable "metrics" {
  description = "Metrics without required arguments."
  type        = list(string)
}

variable "metric_instances" {
  description = "Metrics with required arguments."
  type        = map(object({ class = string, arguments = map(string) }))
}

variable "manifest_path" {
  description = "What `ds-dashboard manifest` wrote."
  type        = string
}

variable "package_path" {
  description = "What `ds-dashboard package` wrote."
  type        = string
}

module "spoke" {
  source = "../../../modules/spoke"

  name             = "roles"
  project_name     = "Project1"
  environment      = "dev"
  manifest_path    = var.manifest_path
  package_path     = var.package_path
  metrics          = var.metrics
  metric_instances = var.metric_instances
  timeout_seconds  = 120
}

output "spoke" {
  description = "The outputs of the module."
  value       = module.spoke
}
