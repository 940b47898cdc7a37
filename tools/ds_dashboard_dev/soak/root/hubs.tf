module "hub" {
  source    = "../../../../modules/hub"
  providers = { aws = aws.hub }

  name                = "soak"
  package_path        = var.package_path
  deletion_protection = false
  monitored_projects  = { North = { dev = var.accounts.north }, South = { dev = var.accounts.south } }
}

# A second installation in the hub's account, with a spoke of its own beside it.
module "second_hub" {
  source    = "../../../../modules/hub"
  providers = { aws = aws.second_hub }

  name                    = "second"
  package_path            = var.package_path
  deletion_protection     = false
  monitored_projects_path = "/second/monitored_projects"
  monitored_projects      = { Home = { dev = var.accounts.hub } }
}
