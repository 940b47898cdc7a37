# One provider per account; on the local cloud, an account's id is the access key of its root user.
provider "aws" {
  alias      = "hub"
  region     = "eu-west-1"
  access_key = var.accounts.hub
  secret_key = "local"
}

provider "aws" {
  alias      = "alpha"
  region     = "eu-west-1"
  access_key = var.accounts.alpha
  secret_key = "local"
}

provider "aws" {
  alias      = "bravo"
  region     = "us-east-1"
  access_key = var.accounts.bravo
  secret_key = "local"
}

provider "aws" {
  alias      = "charlie"
  region     = "eu-west-1"
  access_key = var.accounts.charlie
  secret_key = "local"
}

provider "aws" {
  alias      = "guard_hub"
  region     = "eu-west-1"
  access_key = var.accounts.guard_hub
  secret_key = "local"
}

provider "aws" {
  alias      = "guard_spoke"
  region     = "eu-west-1"
  access_key = var.accounts.guard_spoke
  secret_key = "local"
}
