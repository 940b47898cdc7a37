module "central" {
  source    = "../../../../../modules/connection"
  providers = { aws = aws.hub }

  name  = "lookout"
  stage = var.stage
}

module "alpha" {
  source    = "../../../../../modules/connection"
  providers = { aws = aws.alpha }

  name  = "lookout"
  stage = var.stage
}

module "bravo" {
  source    = "../../../../../modules/connection"
  providers = { aws = aws.bravo }

  name  = "bravo-team"
  stage = var.stage
}

module "charlie" {
  source    = "../../../../../modules/connection"
  providers = { aws = aws.charlie }

  name  = "lookout"
  stage = var.stage
}

module "outpost" {
  source    = "../../../../../modules/connection"
  providers = { aws = aws.hub }

  name                    = "outpost"
  stage                   = var.stage
  monitors_path           = "/outpost/monitors"
  monitored_projects_path = "/outpost/monitored_projects"
}

# Every account of the organization may send; the archive rejects those that are not registered.
module "guard_hub" {
  source    = "../../../../../modules/connection"
  providers = { aws = aws.guard_hub }

  name             = "guard"
  stage            = var.stage
  organization_ids = [var.organization]
}

module "guard_spoke" {
  source    = "../../../../../modules/connection"
  providers = { aws = aws.guard_spoke }

  name  = "guard"
  stage = var.stage
}
