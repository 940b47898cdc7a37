terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

# One provider per account. On AWS, these would have profiles or assume roles. On the local cloud, the access key is the account
# ID, and AWS_ENDPOINT_URL is its address.
provider "aws" {
  alias      = "hub"
  region     = var.region
  access_key = var.hub_account_id
  secret_key = "local"
}

provider "aws" {
  alias      = "forecasting"
  region     = var.region
  access_key = var.forecasting_account_id
  secret_key = "local"
}

provider "aws" {
  alias      = "search"
  region     = var.region
  access_key = var.search_account_id
  secret_key = "local"
}
