"""Hub, spoke and connection in one root module, under a key that the root makes too."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import Any

from .planner import Root, Run
from .workshop import FIXTURES, Workshop, write_package

METRICS = ["NumberEndPointsInService", "TotalCompletedTrainingJobs"]
# As a user would write it: names and maps are passed on, so that each waits for what it needs.
ROOT = """
data "aws_caller_identity" "current" {}

resource "aws_kms_key" "this" {
  description             = "Everything of the dashboard."
  deletion_window_in_days = 7
  policy                  = data.aws_iam_policy_document.key.json
}

data "aws_iam_policy_document" "key" {
  source_policy_documents = [module.hub.kms_key_policy_json, module.spoke.kms_key_policy_json]
}

module "hub" {
  source              = "../modules/hub"
  package_path        = "${path.root}/ds_dashboard.zip"
  kms_key_arn         = aws_kms_key.this.arn
  monitored_projects  = { Project1 = { dev = data.aws_caller_identity.current.account_id } }
  deletion_protection = false
}

module "spoke" {
  source              = "../modules/spoke"
  package_path        = "${path.root}/ds_dashboard.zip"
  manifest_path       = "${path.root}/metrics.json"
  kms_key_arn         = aws_kms_key.this.arn
  project_name        = "Project1"
  environment         = "dev"
  metrics             = ["NumberEndPointsInService"]
  schedule_expression = "rate(1 day)"
  monitors            = { Own = data.aws_caller_identity.current.account_id }
}

module "connection" {
  source             = "../modules/connection"
  name               = module.hub.name
  spoke_bus_name     = module.spoke.event_bus_name
  monitors           = module.spoke.monitors
  monitored_projects = module.hub.monitored_projects
}

output "rules" {
  value = module.connection.forward_rule_names
}

output "key" {
  value = aws_kms_key.this.key_id
}
"""


@dataclass(frozen=True, slots=True)
class Applied:
    """The root, what its apply made, and what was planned after that."""

    root: Root
    run: Run
    again: Run
    outputs: dict[str, Any]


def apply(workshop: Workshop) -> Applied:
    """The root with a package and a manifest of its own, applied and planned again."""
    root = workshop.root("one-root", {})
    (root.folder / "root.tf").write_text(ROOT)
    shutil.copy(FIXTURES / "metrics.json", root.folder)
    write_package(root.folder / "ds_dashboard.zip", metrics=METRICS)
    run = root.apply()
    return Applied(root, run, root.plan(), root.outputs())
