"""Several hubs: events travel one hop, also between accounts that are hub and spoke, and installations stay apart."""

from __future__ import annotations

import uuid
from contextlib import closing

from tests.worlds.company.world import CHARLIE, HUB, SPOKES, Company

from ds_dashboard_dev.testing.events import unused
from ds_dashboard_dev.testing.installation import Hub, Spoke
from ds_dashboard_dev.testing.traffic import Traffic

QUICK = ["Fraction", "NumberEndPointsInService", "Release"]


def test_a_spoke_of_two_hubs_responds_to_each_of_them_once(central: Hub, charlie_hub: Hub) -> None:
    """A refresh from either hub sends the same events to both."""
    for requesting in (central, charlie_hub):
        refresh_id = requesting.refresh(Projects=["Charlie"])
        for hub in (central, charlie_hub):
            hub.wait_for(refresh_id, "Charlie/dev")
            hub.settle()
        ids = [sorted(item["EventId"] for item in hub.history(RefreshId=refresh_id)) for hub in (central, charlie_hub)]
        assert len(ids[0]) == 2
        assert ids[0] == ids[1]


def test_a_hub_does_not_pass_on_what_its_spokes_report(
    central: Hub, charlie_hub: Hub, outpost_hub: Hub, alpha: Spoke, bravo: Spoke
) -> None:
    """Outpost reports to Charlie's hub and Charlie to the central hub; Outpost is not a spoke of the central hub."""
    refresh_id = charlie_hub.refreshed("Charlie/dev", "Outpost/dev", Metrics=QUICK)
    outpost_hub.wait_for(refresh_id, "Outpost/dev")
    central.wait_for(refresh_id, "Charlie/dev")
    for hub in (central, charlie_hub, outpost_hub):
        hub.settle()
    assert charlie_hub.values(refresh_id).keys() == {"Charlie/dev", "Outpost/dev"}
    assert outpost_hub.values(refresh_id).keys() == {"Outpost/dev"}
    assert central.values(refresh_id).keys() == {"Charlie/dev"}
    assert alpha.log(RefreshId=refresh_id) == bravo.log(RefreshId=refresh_id) == []


def test_a_refresh_does_not_reach_the_spokes_of_a_spoke(central: Hub, charlie_hub: Hub, outpost: Spoke) -> None:
    """The central hub's request reaches Charlie's account and ends there."""
    refresh_id = central.refreshed(*SPOKES, Metrics=QUICK)
    charlie_hub.wait_for(refresh_id, "Charlie/dev")
    # A later refresh of Charlie's hub does reach Outpost.
    charlie_hub.refreshed("Outpost/dev", Metrics=QUICK)
    assert outpost.log(RefreshId=refresh_id) == []
    assert charlie_hub.values(refresh_id).keys() == {"Charlie/dev"}


def test_no_event_goes_in_circles(central: Hub, charlie_hub: Hub, outpost_hub: Hub) -> None:
    """Two accounts are each other's hub and spoke, and each event still passes each hub once."""
    refresh_ids = [
        central.refreshed(*SPOKES, Metrics=QUICK),
        charlie_hub.refreshed("Charlie/dev", "Outpost/dev", Metrics=QUICK),
    ]
    for hub in (central, charlie_hub, outpost_hub):
        hub.settle()
        deliveries = hub.deliveries()
        events = [item["EventId"] for refresh_id in refresh_ids for item in hub.history(RefreshId=refresh_id)]
        assert events
        assert {deliveries[event_id] for event_id in events} == {1}
    assert {item["AccountId"] for item in charlie_hub.history(RefreshId=refresh_ids[1])} == {CHARLIE, HUB}


def test_a_refresh_on_a_spokes_own_bus_stays_there(central: Hub, alpha: Spoke, bravo: Spoke, charlie: Spoke) -> None:
    """A team may refresh its own spoke. The request is not a result, so it is not forwarded."""
    refresh_id = str(uuid.uuid4())
    alpha.put({"RefreshId": refresh_id, "Metrics": ["Fraction"]})
    central.wait_for(refresh_id, "Alpha/dev")
    central.refreshed(*SPOKES, Metrics=QUICK)
    central.settle()
    assert central.values(refresh_id).keys() == {"Alpha/dev"}
    assert central.rejected(lambda message: refresh_id in message.body) == []
    assert bravo.log(RefreshId=refresh_id) == charlie.log(RefreshId=refresh_id) == []


def test_an_installation_archives_its_own_spokes_only(central: Hub, outpost_hub: Hub, outpost: Spoke) -> None:
    """Same account, same region, same kinds of events: name and paths separate the two installations."""
    own = outpost_hub.refreshed("Outpost/dev", Metrics=["Release"])
    other = central.refreshed(*SPOKES, Metrics=["Release", "Fraction"])
    for hub in (central, outpost_hub):
        hub.settle()
    assert outpost_hub.values(own).keys() == {"Outpost/dev"}
    assert central.history(RefreshId=own) == []
    assert outpost_hub.history(RefreshId=other) == []
    assert outpost.log(RefreshId=other) == []


def test_an_installation_watches_the_projects_of_its_own_path(central: Hub, outpost_hub: Hub) -> None:
    """The central hub has more than ten projects, a page of Parameter Store: it also misses those of page two."""
    central.refreshed(*SPOKES, Metrics=["Fraction"])
    outpost_hub.refreshed("Outpost/dev", Metrics=["Release"])
    silent = [spoke["Project"] for spoke in central.invoke("watch")["SilentSpokes"]]
    assert {f"Silent{number}/dev" for number in range(1, 9)} <= set(silent)
    assert not set(SPOKES) & set(silent)
    assert outpost_hub.invoke("watch") == {"SilentSpokes": []}


def test_two_installations_share_no_resource_name(company: Company) -> None:
    """Every output that names a bus, table or queue differs."""
    for hub_output in ("event_bus_name", "table_name", "latest_table_name", "spokes_table_name", "queue_url"):
        assert company.outputs["central"][hub_output] != company.outputs["outpost_hub"][hub_output]


def test_installations_in_one_account_stay_apart_when_writes_fail(
    company: Company, central: Hub, alpha: Spoke, outpost_hub: Hub, outpost: Spoke
) -> None:
    """Both get a refresh and values at the same time, while answers of DynamoDB to both archives are lost."""
    with closing(Traffic(central, alpha)) as first, closing(Traffic(outpost_hub, outpost)) as second:
        both = [(first, alpha, 2), (second, outpost, 1)]
        for traffic in (first, second):
            traffic.disregard_foreign()
        before = {traffic: traffic.totals() for traffic in (first, second)}
        with company.cloud.fault("dynamodb:*", kind="lost", caller="*-archive", chance=0.3):
            refreshes = {
                traffic: traffic.hub.refresh(Projects=[spoke.project.split("/")[0]], Metrics=["Release", "Fraction"])
                for traffic, spoke, _ in both
            }
            for traffic, spoke, _ in both:
                traffic.send_values(spoke, unused("Neighbour"), 30)
            for traffic, spoke, _ in both:
                traffic.wait_for_runs(refreshes[traffic], spoke)
                traffic.hub.settle()
        for traffic, _, values in both:
            totals = traffic.totals()
            assert (totals.sound, traffic.ledger.discrepancies()) == (True, [])
            assert (totals - before[traffic]).items == 30 + values
    assert {item["ProjectName"] for item in outpost_hub.history()} == {"Outpost"}
    assert not [item for item in central.history() if item["ProjectName"] == "Outpost"]
