# One provider per account; on the local cloud, an account's id is the access key of its root user.
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
