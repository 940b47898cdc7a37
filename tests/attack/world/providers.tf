# One provider an account; its id is the access key of its root on the local cloud.
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
