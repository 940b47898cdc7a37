"""Hub, spoke and connection in one root module, with a customer-managed key that the root creates too."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import Any

from ds_dashboard_dev.terraform import Changes

from .planner import FIXTURES, REGION, Workshop, write_package

METRICS = ["NumberEndPointsInService", "TotalCompletedTrainingJobs"]
# As a user writes it: names and maps are passed on, so that each resource waits for what it needs.
ROOT = """
data "aws_caller_identity" "current" {}

resource "aws_kms_key" "this" {
  description             = "All data of the dashboard."
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
    """What was observed after the apply and after the destroy.

    Attributes:
        changes: The changes of the apply.
        again: The plan after it.
        outputs: Of the root.
        key_policy: The policy of the key.
        table_key_arn: The key that encrypts the table of latest values.
        destroyed: The changes of `terraform destroy`, without package and manifest.
        left: The addresses in the state after it.
        buses: The event buses of the account after it.
    """

    changes: Changes
    again: Changes
    outputs: dict[str, Any]
    key_policy: dict[str, Any]
    table_key_arn: str
    destroyed: Changes
    left: list[str]
    buses: list[str]


def run(workshop: Workshop) -> Applied:
    """Apply the root, delete its package and manifest, and destroy it."""
    root = workshop.root("one-root", {})
    files = ("ds_dashboard.zip", "ds_dashboard.zip.json", "metrics.json")
    (root.folder / "root.tf").write_text(ROOT)
    shutil.copy(FIXTURES / "metrics.json", root.folder)
    write_package(root.folder / "ds_dashboard.zip", metrics=METRICS)
    changes, again, outputs = root.apply(), root.plan(), root.outputs()

    kms, dynamodb, events = (
        workshop.cloud.client(service, root.account, REGION) for service in ("kms", "dynamodb", "events")
    )
    key_policy = json.loads(kms.get_key_policy(KeyId=outputs["key"], PolicyName="default")["Policy"])
    table = dynamodb.describe_table(TableName="ds-dashboard-latest")["Table"]

    for file in files:
        (root.folder / file).unlink()
    destroyed = root.destroy()
    return Applied(
        changes,
        again,
        outputs,
        key_policy,
        table["SSEDescription"]["KMSMasterKeyArn"],
        destroyed,
        root.state(),
        [bus["Name"] for bus in events.list_event_buses()["EventBuses"]],
    )
