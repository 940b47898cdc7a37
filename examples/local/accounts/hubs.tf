module "hub" {
  source    = "../../../modules/hub"
  providers = { aws = aws.hub }

  package_path        = var.package_path
  deletion_protection = false
}

# The account of Search is a spoke of the central hub, and it also has its own hub.
module "hub_of_search" {
  source    = "../../../modules/hub"
  providers = { aws = aws.search }

  package_path        = var.package_path
  deletion_protection = false
}
