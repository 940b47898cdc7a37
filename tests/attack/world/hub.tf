# The attacked hub, with every option that adds a permission.
module "hub" {
  source    = "../../../modules/hub"
  providers = { aws = aws.hub }

  name                = "guard"
  package_path        = var.package_path
  refresh_schedule    = "rate(1 day)"
  kms_key_arn         = aws_kms_key.hub.arn
  deletion_protection = false
  monitored_projects = {
    Spoke  = { dev = var.accounts.spoke }
    Silent = { dev = var.accounts.spoke }
  }
}

resource "aws_kms_key" "hub" {
  provider = aws.hub
  policy   = module.hub.kms_key_policy_json
}

# Every account of the organization may send; the archive rejects those that are not registered.
module "hub_connection" {
  source    = "../../../modules/connection"
  providers = { aws = aws.hub }

  name               = module.hub.name
  stage              = var.stage
  organization_ids   = [var.organization]
  monitored_projects = module.hub.monitored_projects
  monitors           = {}
}
