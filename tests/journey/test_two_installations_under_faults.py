"""Two installations in one account at the same time, while their tables lose answers."""

from __future__ import annotations

from typing import Any

from ds_dashboard_dev.testing.events import unused
from ds_dashboard_dev.testing.installation import Hub, Spoke
from ds_dashboard_dev.testing.traffic import Traffic

from . import company
from .conftest import World


def test_each_hub_has_what_its_own_spokes_sent_and_nothing_else(
    world: World, outputs: dict[str, dict[str, Any]]
) -> None:
    """Both get a refresh and values at the same time, and both archives run into the same faults."""
    central, alpha = (
        Hub(world.cloud, company.HUB, outputs["central"]),
        Spoke(world.cloud, company.ALPHA, outputs["alpha"], "Alpha/dev"),
    )
    second, outpost = (
        Hub(world.cloud, company.HUB, outputs["outpost_hub"]),
        Spoke(world.cloud, company.HUB, outputs["outpost"], "Outpost/dev"),
    )
    both = [(Traffic(central, alpha), alpha, 2), (Traffic(second, outpost), outpost, 1)]
    metrics = {traffic: unused("Neighbour") for traffic, _, _ in both}
    for traffic, _, _ in both:
        traffic.disregard_foreign()
    before = {traffic: traffic.totals() for traffic, _, _ in both}
    with world.cloud.fault("dynamodb:*", kind="lost", caller="*-archive", chance=0.3):
        refreshes = {
            traffic: traffic.hub.refresh(Projects=[spoke.project.split("/")[0]], Metrics=["Release", "Fraction"])
            for traffic, spoke, _ in both
        }
        for traffic, spoke, _ in both:
            traffic.send_values(spoke, metrics[traffic], 30)
        for traffic, spoke, _ in both:
            traffic.wait_for_runs(refreshes[traffic], spoke)
            traffic.hub.settle()
    for traffic, _, values in both:
        totals = traffic.totals()
        assert (totals.sound, traffic.ledger.discrepancies()) == (True, [])
        assert (totals - before[traffic]).items == 30 + values
    assert {item["ProjectName"] for item in second.history()} == {"Outpost"}
    assert not [item for item in central.history() if item["ProjectName"] == "Outpost"]
