# One provider an account; its id is the access key of its root on the local cloud.
provider "aws" {
  alias      = "hub"
  region     = "eu-west-1"
  access_key = var.hub_account
  secret_key = "local"
}

provider "aws" {
  alias      = "spoke"
  region     = "eu-west-1"
  access_key = var.spoke_account
  secret_key = "local"
}
