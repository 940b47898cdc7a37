"""What the plan of a hub with every option has: the permissions of its functions, for a test that runs them."""

from __future__ import annotations

import json
from typing import Any

from tests.support.tables import HUB, REGION, HubTables

from ds_dashboard.identity import Names
from ds_dashboard_dev.checkout import CHECKOUT

INVENTORY = CHECKOUT / "tests" / "terraform" / "inventories" / "hub-everything.inventory.json"
RESOURCES: dict[str, Any] = json.loads(INVENTORY.read_text())["resources"]
REPORT_BUCKET: str = RESOURCES["aws_s3_bucket_policy.report[0]"]["policy"]["Statement"][0]["Resource"][0].rpartition(
    ":"
)[2]


def statements_of(role: str, hub: HubTables) -> list[dict[str, Any]]:
    """Return the statements of a function's role in the plan, for this hub, without its key, log and dead letters."""
    text = json.dumps(RESOURCES[f'aws_iam_role_policy.functions["{role}"]']["policy"]["Statement"])
    text = text.replace(REPORT_BUCKET, Names(hub.name).report_bucket(HUB, REGION)).replace(
        "team-a/projects", hub.path[1:]
    )
    statements: list[dict[str, Any]] = json.loads(text.replace("team-a", hub.name))
    return [one for one in statements if not one["Action"][0].startswith(("kms:", "logs:", "sqs:"))]


def each_without_one(statements: list[dict[str, Any]], unneeded: str) -> list[list[dict[str, Any]]]:
    """Return the statements as often as they have resources, each time without one of them.

    Args:
        statements: each with lists of actions and resources.
        unneeded: an action whose resources stay, because nothing fails without it.
    """
    return [
        [
            one
            for place, given in enumerate(statements)
            for one in [{**given, "Resource": [r for r in given["Resource"] if (place, r) != (number, resource)]}]
            if one["Resource"]
        ]
        for number, one in enumerate(statements)
        for resource in one["Resource"]
        if one["Action"] != [unneeded]
    ]
