# A hub and a spoke in two accounts, each under a key of its own; the id of an account is the access key of its root.

terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

variable "accounts" {
  type = map(string)
}

variable "package_path" {
  type = string
}

variable "stage" {
  type = string
}

provider "aws" {
  alias      = "hub"
  region     = "eu-west-1"
  access_key = var.accounts.hub
  secret_key = "local"
}

provider "aws" {
  alias      = "spoke"
  region     = "eu-west-1"
  access_key = var.accounts.spoke
  secret_key = "local"
}

locals {
  name = "watch-me"
}

resource "aws_kms_key" "hub" {
  provider = aws.hub
  policy   = module.hub.kms_key_policy_json
}

resource "aws_kms_key" "spoke" {
  provider = aws.spoke
  policy   = module.spoke.kms_key_policy_json
}

module "hub" {
  source    = "../../../modules/hub"
  providers = { aws = aws.hub }

  name                = local.name
  package_path        = var.package_path
  kms_key_arn         = aws_kms_key.hub.arn
  monitored_projects  = { Alpha = { dev = var.accounts.spoke } }
  event_archive_days  = 1
  deletion_protection = false
}

module "spoke" {
  source    = "../../../modules/spoke"
  providers = { aws = aws.spoke }

  name                = local.name
  package_path        = var.package_path
  kms_key_arn         = aws_kms_key.spoke.arn
  project_name        = "Alpha"
  environment         = "dev"
  schedule_expression = "rate(1 day)"
  monitors            = { central = var.accounts.hub }
  metric_instances = {
    Version = { class = "SSMParameterValue", arguments = { parameter_name = "/alpha/version" } }
    Missing = { class = "SSMParameterValue", arguments = { parameter_name = "/alpha/missing" } }
  }
}

module "hub_connection" {
  source    = "../../../modules/connection"
  providers = { aws = aws.hub }

  name               = module.hub.name
  stage              = var.stage
  monitors           = {}
  monitored_projects = module.hub.monitored_projects
}

module "spoke_connection" {
  source    = "../../../modules/connection"
  providers = { aws = aws.spoke }

  name               = module.spoke.name
  stage              = var.stage
  monitors           = module.spoke.monitors
  monitored_projects = {}
}
