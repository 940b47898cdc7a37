"""The fixture `pair`: the world of tests/worlds/pair, applied once for each worker while other tests run."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from tests.support.inbox import Inbox, Topic

from ds_dashboard_dev.testing.pair import HUB, SOUND, SOUTH, Pair
from ds_dashboard_local import LocalCloud

# What North extracts next to `SOUND`: each fails in another way (metrics/faulty.py).
FAULTY = (
    "Denied",
    "Hangs",
    "LongText",
    "Raises",
    "ReturnsInfinity",
    "ReturnsNan",
    "ReturnsNone",
    "TooManyDigits",
    "Unknown",
)

# What North extracts for tests/faults/test_runs.py (metrics/runs.py).
RUNS = ("CountedParameters", "Dated", "LongestParameter", "Quiet", "WaitsAsWell", "WaitsForever", "Wide")
NUMBER = {"class": "Chosen", "at_runtime": {"number": ["7"]}}


@pytest.fixture(scope="session")
def inboxes(local_cloud: LocalCloud) -> dict[str, Inbox]:
    """The topics to which the pair's alarms publish, and a subscribed queue for each, by account."""
    return {account: Inbox(local_cloud, account) for account in (HUB, SOUTH)}


@pytest.fixture(scope="session")
def threshold_topic(local_cloud: LocalCloud) -> Topic:
    """The topic in `threshold_actions` of the pair's hub, and a subscribed queue."""
    return Topic(local_cloud, HUB, "thresholds")


@pytest.fixture(scope="session")
def pair_applying(
    local_cloud: LocalCloud,
    inboxes: dict[str, Inbox],
    threshold_topic: Topic,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Future[Pair]]:
    """The apply, under way: a folder whose first tests need no world starts it with a fixture of its own."""
    made = Pair(
        local_cloud,
        tmp_path_factory.mktemp("pair"),
        north_metrics=sorted([*FAULTY, *RUNS, *SOUND]),
        north_instances={"Number": NUMBER},
    )

    def apply() -> Pair:
        made.build()
        made.apply()
        return made

    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(apply)


@pytest.fixture(scope="session")
def pair(pair_applying: Future[Pair]) -> Pair:
    """The pair, applied. A test that breaks something restores it."""
    return pair_applying.result()
