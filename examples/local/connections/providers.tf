# One provider an account. On AWS these would be profiles or roles to assume; the local cloud takes the account's id as
# access key, and AWS_ENDPOINT_URL points all of them at it.
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
