# One provider for each account, whose id is the access key of its root on the local cloud.
provider "aws" {
  alias      = "hub"
  region     = "eu-west-1"
  access_key = var.accounts.hub
  secret_key = "local"
}

provider "aws" {
  alias      = "north"
  region     = "eu-west-1"
  access_key = var.accounts.north
  secret_key = "local"
}

provider "aws" {
  alias      = "south"
  region     = "eu-west-1"
  access_key = var.accounts.south
  secret_key = "local"
}
