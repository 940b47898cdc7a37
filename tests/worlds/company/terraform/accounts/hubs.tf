# The central hub, with a name of its own.
module "central" {
  source    = "../../../../../modules/hub"
  providers = { aws = aws.hub }

  name                = "lookout"
  package_path        = var.package_path
  refresh_schedule    = "rate(1 day)"
  deletion_protection = false

  # With Bravo and Charlie, which are registered by hand, more than a page of Parameter Store, which is ten.
  monitored_projects = merge(
    { Alpha = { dev = var.accounts.alpha, prod = var.accounts.alpha }, Beta = { dev = var.accounts.alpha } },
    { for number in range(1, 9) : "Silent${number}" => { dev = var.accounts.alpha } },
  )
}

# Charlie's account is a spoke of the central hub and a hub itself.
module "charlie_hub" {
  source    = "../../../../../modules/hub"
  providers = { aws = aws.charlie }

  name                = "lookout"
  package_path        = var.package_path
  deletion_protection = false
}

# A second installation in the account of the central hub.
module "outpost_hub" {
  source    = "../../../../../modules/hub"
  providers = { aws = aws.outpost }

  name                    = "outpost"
  package_path            = var.package_path
  deletion_protection     = false
  monitored_projects_path = "/outpost/monitored_projects"
}

# The hub that tests/attack attacks, in an account of its own, with every option that adds a permission.
module "guard_hub" {
  source    = "../../../../../modules/hub"
  providers = { aws = aws.guard_hub }

  name                = "guard"
  package_path        = var.package_path
  refresh_schedule    = "rate(1 day)"
  report              = { schedule = "rate(1 day)" }
  dashboard           = true
  kms_key_arn         = aws_kms_key.guard_hub.arn
  deletion_protection = false
  monitored_projects = {
    Spoke  = { dev = var.accounts.guard_spoke }
    Silent = { dev = var.accounts.guard_spoke }
  }
  threshold_actions = [aws_sns_topic.guard_hub.arn]
  thresholds        = { Crossed = { above = 1 } }

  cloudwatch_metrics = { Crossed = {} }
}

resource "aws_sns_topic" "guard_hub" {
  provider = aws.guard_hub
  name     = "thresholds"
}

resource "aws_kms_key" "guard_hub" {
  provider = aws.guard_hub
  policy   = module.guard_hub.kms_key_policy_json
}
