"""What `ds-dashboard doctor` says about installations of which only a part exists, without Terraform."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.support.events import RUN, run_event
from tests.support.tables import HUB, HubTables

from ds_dashboard_cli.doctor import spoke


def _findings(hub: HubTables, side: str = "hub", code: int = 1) -> list[dict[str, Any]]:
    return hub.lines("doctor", "--side", side, "--all", code=code)


def _about(hub: HubTables, thing: str, side: str = "hub") -> list[dict[str, Any]]:
    return [finding for finding in _findings(hub, side) if finding["Thing"] == thing]


def test_a_half_destroyed_hub_is_checked(hub: HubTables) -> None:
    """Its tables have the values: "does not exist" would be wrong, and what is missing is listed."""
    hub.account.lambda_.delete_function(FunctionName=f"{hub.name}-watch")
    (bus,) = _about(hub, f"event bus {hub.name}-hub")
    assert (bus["Status"], bus["Cause"]) == ("BROKEN", "does not exist.")
    assert {one["Status"] for one in _about(hub, f"table {hub.name}-latest")} == {"ok"}
    for table in ("metrics", "latest", "spokes"):
        hub.account.dynamodb.delete_table(TableName=f"{hub.name}-{table}")
    assert f"hub {hub.name}: does not exist in account {HUB}" in hub.run("doctor", "--side", "hub", code=1).stderr


def test_a_spoke_that_is_gone_can_be_forgotten_or_registered(hub: HubTables) -> None:
    """The fix has both ways, and the warning ends after either."""
    hub.send(RUN, run_event())
    hub.account.ssm.delete_parameter(Name=f"{hub.path}/P/dev")
    (warning,) = _about(hub, "spoke P/dev")
    assert warning["Status"] == "WARNING"
    assert "Forget it if it was removed or renamed, or register it." in warning["Cause"]
    command, _, other = warning["Cure"].partition("    # or: ")
    assert command.startswith(f"ds-dashboard spokes forget P/dev --name {hub.name}")
    assert other.startswith(f"aws ssm put-parameter --type String --name {hub.path}/P/dev --value 222222222222")
    hub.run("spokes", "forget", "P/dev", "--yes")
    assert _about(hub, "spoke P/dev") == []


@pytest.mark.parametrize(
    ("look_back", "words"),
    [(timedelta(days=2), "since its log group was created"), (timedelta(0), "in the last 0 days")],
    ids=["minutes old", "older than two days"],
)
def test_a_new_function_has_not_run_since_it_was_created(
    hub: HubTables, look_back: timedelta, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a function that is minutes old, "has not run in the last 2 days" would be misleading."""
    monkeypatch.setattr(spoke, "_LOOK_BACK", look_back)
    hub.function("extract", "def handler(event, context):\n    return {}\n")
    hub.account.logs.create_log_group(logGroupName=f"/aws/lambda/{hub.name}-extract")
    (warning,) = _about(hub, f"extraction of {hub.name}-extract", "spoke")
    assert f"has not run {words}" in warning["Cause"]
