# One provider an account, whose id is the access key of its root on the local cloud, and two more for the second
# installation in the hub's: a provider makes and changes one function at a time.
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

provider "aws" {
  alias      = "second_hub"
  region     = "eu-west-1"
  access_key = var.accounts.hub
  secret_key = "local"
}

provider "aws" {
  alias      = "home"
  region     = "eu-west-1"
  access_key = var.accounts.hub
  secret_key = "local"
}
