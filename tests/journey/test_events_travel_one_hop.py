"""Events go from an account to those it reports to, and stop there: also where accounts are hub and spoke at once."""

from __future__ import annotations

import uuid

from .company import CHARLIE, HUB, SPOKES
from .hub import Hub
from .spoke import Spoke

QUICK = ["Fraction", "NumberEndPointsInService", "Release"]


def test_a_spoke_of_two_hubs_answers_each_of_them_once(central: Hub, charlie_hub: Hub) -> None:
    """Either hub's request brings the same values to both: they are the same events."""
    for asking in (central, charlie_hub):
        refresh_id = asking.refresh(Projects=["Charlie"])
        for hub in (central, charlie_hub):
            hub.wait_for(refresh_id, "Charlie/dev")
            hub.settle()
        ids = [sorted(item["EventId"] for item in hub.history(RefreshId=refresh_id)) for hub in (central, charlie_hub)]
        assert len(ids[0]) == 2
        assert ids[0] == ids[1]


def test_what_a_hub_hears_from_its_spokes_it_does_not_pass_on(
    central: Hub, charlie_hub: Hub, outpost_hub: Hub, alpha: Spoke, bravo: Spoke
) -> None:
    """Outpost reports to Charlie's hub, and Charlie to the central hub: that makes it no spoke of the central hub."""
    refresh_id = charlie_hub.refreshed("Charlie/dev", "Outpost/dev", Metrics=QUICK)
    outpost_hub.wait_for(refresh_id, "Outpost/dev")
    central.wait_for(refresh_id, "Charlie/dev")
    for hub in (central, charlie_hub, outpost_hub):
        hub.settle()
    assert charlie_hub.values(refresh_id).keys() == {"Charlie/dev", "Outpost/dev"}
    assert outpost_hub.values(refresh_id).keys() == {"Outpost/dev"}
    assert central.values(refresh_id).keys() == {"Charlie/dev"}
    assert alpha.log(RefreshId=refresh_id) == bravo.log(RefreshId=refresh_id) == []


def test_a_refresh_asks_the_spokes_and_not_the_spokes_spokes(central: Hub, charlie_hub: Hub, outpost: Spoke) -> None:
    """The central hub's request reaches Charlie's account, and ends there."""
    refresh_id = central.refreshed(*SPOKES, Metrics=QUICK)
    charlie_hub.wait_for(refresh_id, "Charlie/dev")
    # Answered after it, and by Outpost too.
    charlie_hub.refreshed("Outpost/dev", Metrics=QUICK)
    assert outpost.log(RefreshId=refresh_id) == []
    assert charlie_hub.values(refresh_id).keys() == {"Charlie/dev"}


def test_no_event_goes_in_circles(central: Hub, charlie_hub: Hub, outpost_hub: Hub) -> None:
    """Each of two accounts is the other's hub and spoke, and still each event passes each hub once."""
    refresh_ids = [
        central.refreshed(*SPOKES, Metrics=QUICK),
        charlie_hub.refreshed("Charlie/dev", "Outpost/dev", Metrics=QUICK),
    ]
    for hub in (central, charlie_hub, outpost_hub):
        hub.settle()
        passes = hub.passes()
        events = [item["EventId"] for refresh_id in refresh_ids for item in hub.history(RefreshId=refresh_id)]
        assert events
        assert {passes[event_id] for event_id in events} == {1}
    assert {item["AccountId"] for item in charlie_hub.history(RefreshId=refresh_ids[1])} == {CHARLIE, HUB}


def test_a_spokes_own_refresh_asks_itself_alone(central: Hub, alpha: Spoke, bravo: Spoke, charlie: Spoke) -> None:
    """A team may put a refresh on its own bus; it is no result, so it is not forwarded."""
    refresh_id = str(uuid.uuid4())
    alpha.put({"RefreshId": refresh_id, "Metrics": ["Fraction"]})
    central.wait_for(refresh_id, "Alpha/dev")
    central.refreshed(*SPOKES, Metrics=QUICK)
    central.settle()
    assert central.values(refresh_id).keys() == {"Alpha/dev"}
    assert central.rejected(lambda message: refresh_id in message["Body"]) == []
    assert bravo.log(RefreshId=refresh_id) == charlie.log(RefreshId=refresh_id) == []
