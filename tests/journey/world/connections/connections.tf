module "central" {
  source    = "../../../../modules/connection"
  providers = { aws = aws.hub }

  name  = "lookout"
  stage = contains(var.forwarding, "central") ? "forwarding" : "permissions"
  hold  = var.hold
}

module "alpha" {
  source    = "../../../../modules/connection"
  providers = { aws = aws.alpha }

  name  = "lookout"
  stage = contains(var.forwarding, "alpha") ? "forwarding" : "permissions"
}

module "bravo" {
  source    = "../../../../modules/connection"
  providers = { aws = aws.bravo }

  name  = "bravo-team"
  stage = contains(var.forwarding, "bravo") ? "forwarding" : "permissions"
}

module "charlie" {
  source    = "../../../../modules/connection"
  providers = { aws = aws.charlie }

  name  = "lookout"
  stage = contains(var.forwarding, "charlie") ? "forwarding" : "permissions"
}

module "outpost" {
  source    = "../../../../modules/connection"
  providers = { aws = aws.hub }

  name                    = "outpost"
  stage                   = contains(var.forwarding, "outpost") ? "forwarding" : "permissions"
  monitors_path           = "/outpost/monitors"
  monitored_projects_path = "/outpost/monitored_projects"
}
