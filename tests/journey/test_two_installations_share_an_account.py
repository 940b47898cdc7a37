"""The central hub, and a whole second installation under another name in the same account and region."""

from __future__ import annotations

from typing import Any

from .company import SPOKES
from .hub import Hub
from .spoke import Spoke


def test_each_installation_keeps_what_its_own_spokes_say(central: Hub, outpost_hub: Hub, outpost: Spoke) -> None:
    """The same account, the same region, the same kinds of events: the name and the paths keep them apart."""
    own = outpost_hub.refreshed("Outpost/dev", Metrics=["Release"])
    others = central.refreshed(*SPOKES, Metrics=["Release", "Fraction"])
    for hub in (central, outpost_hub):
        hub.settle()
    assert outpost_hub.values(own).keys() == {"Outpost/dev"}
    assert central.history(RefreshId=own) == []
    assert outpost_hub.history(RefreshId=others) == []
    assert outpost.log(RefreshId=others) == []


def test_each_watches_the_spokes_of_its_own_path(central: Hub, outpost_hub: Hub) -> None:
    """More than ten are registered, a page of Parameter Store: a silent one on the second page is missed too."""
    central.refreshed(*SPOKES, Metrics=["Fraction"])
    outpost_hub.refreshed("Outpost/dev", Metrics=["Release"])
    silent = [spoke["Project"] for spoke in central.invoke("watch_function_name")["SilentSpokes"]]
    assert {f"Silent{number}/dev" for number in range(1, 9)} <= set(silent)
    assert not set(SPOKES) & set(silent)
    assert outpost_hub.invoke("watch_function_name") == {"SilentSpokes": []}


def test_no_name_of_one_is_a_name_of_the_other(outputs: dict[str, dict[str, Any]]) -> None:
    """Every output that names something differs."""
    for hub_output in ("event_bus_name", "table_name", "latest_table_name", "spokes_table_name", "queue_url"):
        assert outputs["central"][hub_output] != outputs["outpost_hub"][hub_output]
