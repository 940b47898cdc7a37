"""The resources of each module: a file of variables, and an inventory of the plan."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from .conftest import INVENTORIES
from .planner import Plan

CASES = sorted(path.name.split(".")[0] for path in INVENTORIES.glob("*.tfvars.json"))
FIX = "If this is intended: UPDATE_INVENTORIES=1 make test ARGS=tests/terraform/test_inventories.py, then review it."
# Attributes that define what a resource is and may do. The others are defaults and copies of the provider.
INVENTORIED = {
    "actions_enabled", "alarm_actions", "architectures", "arn", "assume_role_policy", "batch_size", "bus_name",
    "dashboard_body", "dashboard_name", "dead_letter_config", "deletion_protection_enabled", "dimensions", "enabled",
    "environment", "event_bus_name", "event_pattern", "event_source_arn", "flexible_time_window", "function_name",
    "function_response_types", "handler", "hash_key", "insecure_value", "insufficient_data_actions", "kms_key_arn",
    "kms_key_id", "kms_key_identifier", "kms_master_key_id", "layers", "max_message_size",
    "maximum_event_age_in_seconds", "maximum_retry_attempts", "memory_size", "message_retention_seconds",
    "metric_name", "name", "ok_actions", "path", "period", "permissions_boundary", "policy", "principal", "range_key",
    "redrive_policy", "retention_days", "retention_in_days", "role_arn", "runtime", "s3_bucket", "s3_key",
    "s3_object_version", "scaling_config", "schedule_expression", "server_side_encryption", "source_arn",
    "source_code_hash", "sqs_managed_sse_enabled", "state", "tags", "target", "threshold", "timeout",
    "treat_missing_data", "ttl", "visibility_timeout_seconds", "vpc_config",
}  # fmt: skip


def inventory(plan: Plan) -> dict[str, Any]:
    """Return the inventoried attributes by address, and the known outputs."""
    resources = {
        address: {name: value for name, value in values.items() if name in INVENTORIED and value not in (None, [], {})}
        for address, values in plan.values.items()
    }
    return {"resources": resources, "outputs": {key: value for key, value in plan.outputs.items() if value is not None}}


@pytest.mark.parametrize("name", CASES)
def test_a_plan_creates_what_its_inventory_lists(name: str, planned: Plan) -> None:
    """A change of resources or permissions is visible in review as a change of these files."""
    listed = INVENTORIES / f"{name}.inventory.json"
    found = json.dumps(inventory(planned.case(name)), indent=1, sort_keys=True) + "\n"
    if os.environ.get("UPDATE_INVENTORIES"):
        listed.write_text(found)
    assert json.loads(found) == json.loads(listed.read_text()), FIX
