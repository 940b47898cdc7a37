"""Destroying the hub `guard` and its spoke, which conftest.py puts last: their connections, then both.

They have every option that adds a resource. The demo and the examples, which are destroyed completely, have the others.
"""

from __future__ import annotations

from tests.support import account_resources
from tests.worlds.company.world import (
    ACCOUNTS,
    BRAVO,
    FAR_REGION,
    GUARD_HUB,
    GUARD_SPOKE,
    MEASURED,
    REGION,
    REGISTRY,
    Company,
)

from ds_dashboard_dev.terraform import Root
from ds_dashboard_local import RunningCloud

PLACES = [(account, FAR_REGION if account == BRAVO else REGION) for account in ACCOUNTS.values()]
GUARD = [(account, REGION) for account in (GUARD_HUB, GUARD_SPOKE)]
OF_GUARD = ("module.guard_hub", "module.guard_spoke", "aws_sns_topic.guard_hub")
WRITTEN_BY_HAND = {(parameter.account, parameter.name) for parameter in (*REGISTRY, *MEASURED)}


def _remaining(cloud: RunningCloud, account: str, region: str) -> dict[str, list[str]]:
    """What an account contains, without the parameters that were written by hand."""
    found = account_resources.list_resources(cloud, account, region)
    parameters = [name for name in found.pop("parameters", []) if (account, name) not in WRITTEN_BY_HAND]
    return {**found, "parameters": parameters} if parameters else found


def _destroy_guard(root: Root) -> None:
    """Destroy the modules of both, the topic, and the key, which refers to the hub. The connections have no topic."""
    before = [one for one in root.state() if ".data." not in one]
    # tests/examples destroy with the refresh of the state that precedes a destroy by default.
    changes = root.destroy("-refresh=false", *(f"-target={one}" for one in OF_GUARD))
    after = [one for one in root.state() if ".data." not in one]
    assert len(changes.of("delete")) == len(before) - len(after)
    assert [one for one in after if "guard" in one] == []


def test_destroying_leaves_only_what_was_written_by_hand(company: Company) -> None:
    """No bus, rule, queue, table, function, role, log group, alarm, schedule or module's parameter remains.

    Nothing of other installations is touched.
    """
    before = {place: _remaining(company.cloud, *place) for place in PLACES}
    # Everything that must be gone afterwards was found before.
    assert before[GUARD_HUB, REGION].keys() == {*account_resources.KINDS, "rules"} - {"archives"}
    _destroy_guard(company.connections)
    for account, region in GUARD:
        for bus in company.cloud.client("events", account, region).list_event_buses()["EventBuses"]:
            assert "Policy" not in bus or not bus["Policy"], "the connection's policy outlives it"
    _destroy_guard(company.accounts)
    after = {place: _remaining(company.cloud, *place) for place in PLACES}
    assert after == before | {place: {} for place in GUARD}
