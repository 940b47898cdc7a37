"""The pair under faults, with a ledger of everything that is sent to its hub."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ds_dashboard_dev.testing.ledger import Totals
from ds_dashboard_dev.testing.misconfigure import shortened_retries
from ds_dashboard_dev.testing.pair import PROJECTS, Pair
from ds_dashboard_dev.testing.traffic import Traffic

# A failed message is visible again after so many seconds, and a dead letter after so many receives. As deployed these
# are 360 and 15; here all receives together take two minutes, since the machine may be busy.
VISIBILITY_SECONDS, MAX_RECEIVES = 3, 40


@pytest.fixture(scope="package")
def traffic(pair: Pair) -> Iterator[Traffic]:
    """All events of the pair, with the projects of the account north registered."""
    pair.register_projects()
    yield Traffic(pair.hub, *pair.spokes)
    for project in PROJECTS:
        pair.hub.unregister(project)


@pytest.fixture
def balance(pair: Pair, traffic: Traffic) -> Iterator[Callable[[], Totals]]:
    """Close the ledger of a test: every event is accounted for. Returns what the test added to the totals."""
    traffic.disregard_foreign()
    balanced = False
    with shortened_retries(pair.hub, VISIBILITY_SECONDS, MAX_RECEIVES):
        before = traffic.totals()

        def close() -> Totals:
            nonlocal balanced
            totals = traffic.totals()
            assert (totals.sound, traffic.ledger.discrepancies()) == (True, [])
            balanced = True
            return totals - before

        yield close
        pair.cloud.lift_faults()
    if not balanced:
        # Otherwise each later test would fail for the same reason.
        traffic.open_ledger()
