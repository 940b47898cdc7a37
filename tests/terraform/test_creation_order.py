"""The order in which Terraform creates the resources of a module, from `terraform graph`."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from ds_dashboard_dev import terraform

from .planner import REGION, CasesRoot

FORWARDING = tuple(f"module.connection-both.module.{module}_forwarding" for module in ("hub", "spoke"))
# Prefix of the addresses -> what AWS refuses to create twice (tests/local/test_created_twice.py).
FIRST = {
    "module.hub-everything": "module.hub-everything.aws_scheduler_schedule_group.this",
    "module.spoke-everything": "module.spoke-everything.aws_iam_role.extractor",
    **{prefix: f"{prefix}.aws_iam_role.forward" for prefix in FORWARDING},
}


@pytest.fixture(scope="module")
def needed(planned_root: CasesRoot) -> Mapping[str, set[str]]:
    """Resource -> the resources that it needs, directly or not, without those of checks."""
    planned_root.init()
    graph = terraform.run(planned_root.folder, "graph", env={"AWS_REGION": REGION}).stdout
    direct: dict[str, set[str]] = {name: set() for name in re.findall(r'^ *"(\S+)" \[', graph, re.MULTILINE)}
    for one, other in re.findall(r'"(\S+)" -> "(\S+)"', graph):
        direct[one].add(other)
    modules = tuple(f"{prefix.partition('.module.')[0]}." for prefix in FIRST)
    return {
        name: _reached(name, direct)
        for name in direct
        if name.startswith(modules) and ".data." not in name and ".terraform_data." not in name
    }


def _reached(name: str, direct: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    pending = set(direct[name])
    while pending:
        reached |= pending
        pending = {other for one in pending for other in direct[one]} - reached
    return reached


@pytest.mark.parametrize("prefix", FIRST)
def test_what_aws_refuses_to_create_twice_comes_first(needed: Mapping[str, set[str]], prefix: str) -> None:
    """AWS gives a second state of the same name the queues, alarms, rules and policies that exist.

    A `terraform destroy` of that state would delete them. Therefore, an apply with it must fail before.
    """
    resources = [name for name in needed if name.startswith(f"{prefix}.")]
    assert len(resources) > 6
    assert [name for name in resources if name != FIRST[prefix] and FIRST[prefix] not in needed[name]] == []
    assert [name for name in needed[FIRST[prefix]] if name in needed] == []


def test_every_resource_is_in_one_of_these_modules(needed: Mapping[str, set[str]]) -> None:
    assert [name for name in needed if not name.startswith(tuple(f"{prefix}." for prefix in FIRST))] == []


def test_a_destroy_that_fails_keeps_values_and_messages(needed: Mapping[str, set[str]]) -> None:
    """It fails at a bus with rules of a connection, or at tables with deletion protection. Terraform goes backwards."""
    hub = "module.hub-everything"
    queues = {f"{hub}.aws_sqs_queue.{name}" for name in ("dead_letters", "events")}
    tables = {f"{hub}.aws_dynamodb_table.{name}" for name in ("history", "latest", "spokes")}
    assert queues | tables <= needed[f"{hub}.aws_cloudwatch_event_bus.this"]
    assert all(queues <= needed[table] for table in tables)
    spoke = "module.spoke-everything"
    assert f"{spoke}.aws_sqs_queue.dead_letters" in needed[f"{spoke}.aws_cloudwatch_event_bus.this"]


@pytest.mark.parametrize("prefix", FORWARDING)
def test_a_connection_looks_for_its_bus_before_it_creates_anything(needed: Mapping[str, set[str]], prefix: str) -> None:
    assert "module.connection-both.data.aws_cloudwatch_event_buses.own" in needed[FIRST[prefix]]
