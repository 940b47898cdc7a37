"""The policies that the modules output for people allow what they are for, and nothing else."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from tests.support.commands import Person, person_with_policy

from ds_dashboard_dev.testing.events import result, unused
from ds_dashboard_dev.testing.installation import Hub, Spoke

from .conftest import GAMMA

READING = [
    ("latest",),
    ("spokes",),
    ("spokes", "--failures"),
    ("history", "ModelVersion", "--project", "South", "--environment", "dev"),
    ("history", "ModelVersion"),
    ("export", "--format", "csv", "-o", "-"),
]


@pytest.fixture(scope="module")
def reader(hub: Hub) -> Person:
    """A person who may read, once there is something to read."""
    hub.refreshed("South/dev", Projects=["South"])
    return person_with_policy(hub, "reader", hub.outputs["reader_policy_json"])


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_a_reader_sees_everything(reader: Person, command: tuple[str, ...]) -> None:
    """Under a key, and without a note that something could not be read."""
    output = reader.run(*command)
    assert (output.code, output.stderr.count("may not")) == (0, 0), output
    assert "South" in output.stdout


def test_a_reader_cannot_request_a_refresh(reader: Person) -> None:
    output = reader.run("refresh")
    assert output.code == 1
    assert "lambda:InvokeFunction" in output.stderr


def test_an_operator_can_run_the_doctor_and_request_a_refresh(spoke: Spoke, operators: dict[str, Person]) -> None:
    """The runbook's test runs the other commands."""
    spoke.put(result(GAMMA, unused("Operated"), 1))
    for kind, operator in operators.items():
        output = operator.run("doctor", "--side", kind, "--all")
        assert "NOT CHECKED" not in output.stdout, output
    output = operators["hub"].run("refresh", "--projects", "South", "--wait")
    assert output.code == 0, output
    output = operators["hub"].run("backfill", "--projects", "South", "--metrics", "ModelVersion", "--since", "2d")
    assert (output.code, "ModelVersion cannot be computed as of a past instant" in output.stderr) == (1, True), output


def test_an_operator_can_forget_a_metric_and_not_its_history(
    hub: Hub, spoke: Spoke, operators: dict[str, Person]
) -> None:
    """Nothing of the history can be lost by a mistake in operations."""
    metric = unused("Forgotten")
    item = hub.archived(spoke.put(result(GAMMA, metric, 1)))
    words = ("spokes", "forget", GAMMA, "--metric", metric, "--yes")
    refused = operators["hub"].run(*words, "--history")
    assert refused.code == 1
    assert "dynamodb:DeleteItem" in refused.stderr
    assert metric in operators["hub"].run("latest", "--metric", metric).stdout
    done = operators["hub"].run(*words)
    assert done.code == 0, done
    assert operators["hub"].run("latest", "--metric", metric).stdout == ""
    assert GAMMA in operators["hub"].run("history", metric).stdout
    # The ledger of tests/faults counts values that are in one of the two tables only.
    key = {name: {"S": item[name]} for name in ("MetricName", "ExtractionDate")}
    hub.client("dynamodb").delete_item(TableName=hub.outputs["table_name"], Key=key)


def test_an_operator_cannot_write_to_a_table(hub: Hub, operators: dict[str, Person]) -> None:
    role = f"arn:aws:iam::{hub.account}:role/operator-of-hub"
    dynamodb = hub.cloud.client_as_role("dynamodb", role, hub.region)
    item = {"Project": {"S": "Gamma#dev"}, "MetricName": {"S": "Forged"}}
    with pytest.raises(ClientError, match="dynamodb:PutItem"):
        dynamodb.put_item(TableName=hub.outputs["latest_table_name"], Item=item)
