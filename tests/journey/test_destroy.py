"""Destroying the company, which conftest.py puts last: connections first, then hubs and spokes."""

from __future__ import annotations

from tests.support import account_resources
from tests.worlds.company.world import ACCOUNTS, BRAVO, FAR_REGION, HUB, MEASURED, REGION, REGISTRY, Company

from ds_dashboard_local import RunningCloud

PLACES = [(account, FAR_REGION if account == BRAVO else REGION) for account in ACCOUNTS.values()]
WRITTEN_BY_HAND = {(parameter.account, parameter.name) for parameter in (*REGISTRY, *MEASURED)}


def _remaining(cloud: RunningCloud, account: str, region: str) -> dict[str, list[str]]:
    """What an account contains, without the parameters that were written by hand."""
    found = account_resources.list_resources(cloud, account, region)
    parameters = [name for name in found.pop("parameters", []) if (account, name) not in WRITTEN_BY_HAND]
    return {**found, "parameters": parameters} if parameters else found


def test_destroying_leaves_only_what_was_written_by_hand(company: Company) -> None:
    """No bus, rule, queue, table, function, role, log group, alarm, schedule or module's parameter remains."""
    before = {place: _remaining(company.cloud, *place) for place in PLACES}
    # Everything that must be gone afterwards was found before.
    assert before[HUB, REGION].keys() == {*account_resources.KINDS, "rules"} - {"archives"}
    connected = company.connections.state()
    # tests/examples destroy with the refresh of the state that precedes a destroy by default.
    deleted = company.connections.destroy("-refresh=false").of("delete")
    assert len(deleted) == len([one for one in connected if ".data." not in one])
    for account, region in PLACES:
        for bus in company.cloud.client("events", account, region).list_event_buses()["EventBuses"]:
            assert "Policy" not in bus or not bus["Policy"], "the connection's policy outlives it"
    company.accounts.destroy("-refresh=false")
    assert company.accounts.state() == company.connections.state() == []
    assert {place: _remaining(company.cloud, *place) for place in PLACES} == {place: {} for place in PLACES}
