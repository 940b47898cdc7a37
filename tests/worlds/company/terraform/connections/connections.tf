module "central" {
  source    = "../../../../../modules/connection"
  providers = { aws = aws.hub }

  name  = "lookout"
  stage = contains(var.forwarding, "central") ? "forwarding" : "permissions"
  hold  = var.hold
}

module "alpha" {
  source    = "../../../../../modules/connection"
  providers = { aws = aws.alpha }

  name  = "lookout"
  stage = contains(var.forwarding, "alpha") ? "forwarding" : "permissions"
}

module "bravo" {
  source    = "../../../../../modules/connection"
  providers = { aws = aws.bravo }

  name  = "bravo-team"
  stage = contains(var.forwarding, "bravo") ? "forwarding" : "permissions"
}

module "charlie" {
  source    = "../../../../../modules/connection"
  providers = { aws = aws.charlie }

  name  = "lookout"
  stage = contains(var.forwarding, "charlie") ? "forwarding" : "permissions"
}

module "outpost" {
  source    = "../../../../../modules/connection"
  providers = { aws = aws.hub }

  name                    = "outpost"
  stage                   = contains(var.forwarding, "outpost") ? "forwarding" : "permissions"
  monitors_path           = "/outpost/monitors"
  monitored_projects_path = "/outpost/monitored_projects"
}

# Every account of the organization may send; the archive rejects those that are not registered.
module "guard_hub" {
  source    = "../../../../../modules/connection"
  providers = { aws = aws.guard_hub }

  name             = "guard"
  stage            = contains(var.forwarding, "guard_hub") ? "forwarding" : "permissions"
  organization_ids = [var.organization]
}

module "guard_spoke" {
  source    = "../../../../../modules/connection"
  providers = { aws = aws.guard_spoke }

  name  = "guard"
  stage = contains(var.forwarding, "guard_spoke") ? "forwarding" : "permissions"
}
