module "hub" {
  source    = "../../../modules/connection"
  providers = { aws = aws.hub }
  stage     = var.stage
}

module "forecasting" {
  source    = "../../../modules/connection"
  providers = { aws = aws.forecasting }
  stage     = var.stage
}

module "search" {
  source    = "../../../modules/connection"
  providers = { aws = aws.search }
  stage     = var.stage
}
