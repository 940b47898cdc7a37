"""Hub, spoke and connection in one root module, with a key of that root: one apply, one destroy."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import pytest

from .one_root import Applied


@pytest.fixture(scope="module")
def applied(applied_in_background: dict[str, Future[Any]]) -> Applied:
    """The root, applied and destroyed beside the other tests."""
    result: Applied = applied_in_background["test_one_root"].result()
    return result


def test_a_key_of_the_same_root_is_used(applied: Applied) -> None:
    """Its ARN is unknown when everything else is planned, and its policy consists of outputs of the modules."""
    sids = [statement["Sid"] for statement in applied.key_policy["Statement"]]
    assert len(sids) == len(set(sids))
    assert {"DsDashboardHubAccount", "DsDashboardHubBus", "DsDashboardSpokeAccount", "DsDashboardSpokeBus"} <= set(sids)
    assert applied.outputs["key"] in applied.table_key_arn


def test_connection_follows_hub_and_spoke_in_one_apply(applied: Applied) -> None:
    """Buses are created before their rules. The rules are known before there is a bus."""
    assert set(applied.changes.actions.values()) == {"create"}
    assert len(applied.outputs["rules"]) == 2
    created = applied.changes.of("create")
    assert len([address for address in created if ".forward[" in address and "_rule." in address]) == 2


def test_a_second_plan_is_empty(applied: Applied) -> None:
    """An attribute that a service returns in another form would be planned again and again."""
    assert applied.again.actions == {}


def test_destroy_needs_neither_package_nor_manifest(applied: Applied) -> None:
    """Both may have been deleted by then. Rules are deleted before their buses, and nothing remains."""
    assert set(applied.destroyed.actions.values()) == {"delete"}
    assert applied.left == []
    assert applied.buses == ["default"]
