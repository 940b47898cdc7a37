# Every metric of this spoke has something wrong with it, but for three.
module "north" {
  source    = "../../../../modules/spoke"
  providers = { aws = aws.north }

  name            = "soak"
  project_name    = "North"
  environment     = "dev"
  manifest_path   = var.manifest_path
  package_path    = var.package_path
  timeout_seconds = 10
  monitors        = { hub = var.accounts.hub }
  metrics         = var.north_metrics
}

module "south" {
  source    = "../../../../modules/spoke"
  providers = { aws = aws.south }

  name          = "soak"
  project_name  = "South"
  environment   = "dev"
  manifest_path = var.manifest_path
  package_path  = var.package_path
  monitors      = { hub = var.accounts.hub }
  metrics       = ["Digits", "Parameters", "Tenth"]
}

module "home" {
  source    = "../../../../modules/spoke"
  providers = { aws = aws.home }

  name          = "second"
  project_name  = "Home"
  environment   = "dev"
  manifest_path = var.manifest_path
  package_path  = var.package_path
  monitors_path = "/second/monitors"
  monitors      = { own = var.accounts.hub }
  metrics       = ["Digits", "Tenth"]
}
