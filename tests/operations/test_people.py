"""The policies that the hub outputs for people suffice for what they are for, and allow nothing else."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from tests.journey.company import REGION
from tests.journey.hub import Hub
from tests.journey.spoke import Spoke, result, unused

from .conftest import HUB, World
from .people import Person, with_policy

READING = [
    ("latest",),
    ("spokes",),
    ("spokes", "--failures"),
    ("history", "ModelVersion", "--project", "Alpha", "--environment", "dev"),
    ("history", "ModelVersion"),
    ("export", "--format", "csv", "-o", "-"),
]


@pytest.fixture(scope="module")
def reader(world: World, hub: Hub) -> Person:
    """Somebody who reads, once there is something to be read."""
    hub.refreshed("Alpha/dev", Projects=["Alpha"])
    return with_policy(world.cloud, HUB, "reader", hub.outputs["reader_policy_json"])


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_who_reads_sees_all_there_is(reader: Person, command: tuple[str, ...]) -> None:
    """Under a key, and without a note that something could not be read."""
    said = reader.run(*command)
    assert (said.code, said.notes.count("may not")) == (0, 0), said
    assert "Alpha" in said.output


def test_who_reads_asks_for_nothing(reader: Person) -> None:
    said = reader.run("refresh")
    assert said.code == 1
    assert "lambda:InvokeFunction" in said.notes


def test_who_operates_asks_looks_and_sends_again(world: World, spoke: Spoke, operators: dict[str, Person]) -> None:
    """The other commands are those of the runbook."""
    spoke.put(result("Gamma", "dev", unused("Operated"), 1))
    for side, operator in operators.items():
        said = operator.run("doctor", "--side", side, "--all")
        assert "NOT CHECKED" not in said.output, said.output
    said = operators["hub"].run("refresh", "--projects", "Alpha", "--wait")
    assert said.code == 0, said


def test_who_operates_writes_to_no_table(world: World, hub: Hub) -> None:
    role = f"arn:aws:iam::{HUB}:role/operator-of-hub"
    dynamodb = world.cloud.client_as_role("dynamodb", role, REGION)
    item = {"Project": {"S": "Gamma#dev"}, "MetricName": {"S": "Forged"}}
    with pytest.raises(ClientError, match="dynamodb:PutItem"):
        dynamodb.put_item(TableName=hub.outputs["latest_table_name"], Item=item)
