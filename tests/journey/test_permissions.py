"""What a spoke and its extraction may do: the calls that metrics declare, and PutEvents on the bus of a peer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.worlds.company.world import ALPHA, BRAVO, CHARLIE, HUB, Company

from ds_dashboard_dev.testing.installation import Hub, Spoke


def _statements(policy: str) -> list[dict[str, Any]]:
    statements: list[dict[str, Any]] = json.loads(policy)["Statement"]
    return statements


def _permitted(statements: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {
        (action, resource)
        for statement in statements
        for action in statement["Action"]
        for resource in statement["Resource"]
    }


def test_the_extraction_can_call_only_what_its_metrics_declare(central: Hub) -> None:
    """The metric Reach tries other resources of its account, and the hub's resources even though it declares them."""
    central.refreshed("Alpha/dev", Projects=["Alpha"], Metrics=["Reach"])
    answers = json.loads(central.latest("Alpha/dev")["Reach"]["MetricValue"])
    denied = "AccessDeniedException"
    assert {name: answers[name] for name in ("another parameter", "another service", "default bus", "hub bus")} == {
        "another parameter": denied,
        "another service": denied,
        "default bus": denied,
        "hub bus": denied,
    }
    assert {name for name, answer in answers.items() if answer == "done"} == set()
    assert "hub table write" in answers
    assert "Reach" not in central.latest("Beta/dev")


def test_a_spokes_administrator_cannot_reach_the_hubs_tables_and_queues(central: Hub, alpha: Spoke) -> None:
    """The root user of the spoke's account has every permission that its account can grant."""
    dynamodb, sqs, queue = alpha.client("dynamodb"), alpha.client("sqs"), central.outputs["queue_url"]
    attempts: list[Callable[[], Any]] = [
        lambda: dynamodb.scan(TableName=central.outputs["table_arn"]),
        lambda: dynamodb.delete_table(TableName=central.outputs["table_arn"]),
        lambda: sqs.receive_message(QueueUrl=queue),
        lambda: sqs.send_message(QueueUrl=queue, MessageBody="{}"),
        lambda: sqs.receive_message(QueueUrl=central.outputs["rejected_queue_url"]),
    ]
    for attempt in attempts:
        with pytest.raises(ClientError):
            attempt()
    assert central.items("metrics")


def test_the_policy_in_the_output_is_the_policy_of_the_role(alpha: Spoke) -> None:
    """A security officer can review the output without access to the account."""
    iam = alpha.client("iam")
    role = alpha.outputs["role_arn"].rsplit("/", 1)[-1]
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    documents = {name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names}
    output = json.loads(alpha.outputs["iam_policy_json"])
    assert output in documents.values()
    others = [document["Statement"] for document in documents.values() if document != output]
    assert {action for statements in others for action, _ in _permitted(statements)} == {
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "sqs:SendMessage",
    }
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []


@pytest.mark.parametrize("name", ["alpha", "bravo", "charlie", "outpost"])
def test_the_policy_is_the_sum_of_the_metrics_permissions(company: Company, name: str) -> None:
    """It allows what a metric declares, and putting events on the spoke's own bus."""
    spoke = company.outputs[name]
    declared = [statement for statements in spoke["metric_permissions"].values() for statement in statements]
    base = {("events:PutEvents", spoke["event_bus_arn"])}
    assert _permitted(_statements(spoke["iam_policy_json"])) == _permitted(declared) | base


def test_a_metrics_permission_names_its_spokes_resources(company: Company) -> None:
    """Account, region and argument are those of the spoke."""
    for name, account, region in (("alpha", ALPHA, "eu-west-1"), ("bravo", BRAVO, "us-east-1")):
        (statement,) = company.outputs[name]["metric_permissions"]["Accuracy"]
        assert statement == {
            "Action": ["ssm:GetParameter"],
            "Resource": [f"arn:aws:ssm:{region}:{account}:parameter/{name}/accuracy"],
        }
    assert company.outputs["alpha"]["metric_permissions"]["Undeclared"] == []


def test_bus_policies_permit_only_put_events_and_only_to_peers(
    central: Hub, charlie_hub: Hub, alpha: Spoke, bravo: Spoke, charlie: Spoke, outpost: Spoke
) -> None:
    """The policy of each bus names the peers' accounts, one action, and the bus itself."""
    expected: dict[Hub | Spoke, set[str]] = {
        central: {ALPHA, BRAVO, CHARLIE},
        charlie_hub: {CHARLIE, HUB},
        alpha: {HUB},
        bravo: {HUB},
        charlie: {CHARLIE, HUB},
        outpost: {CHARLIE, HUB},
    }
    for installation, accounts in expected.items():
        name = installation.bus_arn.split("/")[-1]
        (statement,) = _statements(installation.client("events").describe_event_bus(Name=name)["Policy"])
        principals = statement["Principal"]["AWS"]
        assert {arn.split(":")[4] for arn in ([principals] if isinstance(principals, str) else principals)} == accounts
        assert (statement["Action"], statement["Resource"]) == ("events:PutEvents", installation.bus_arn)
