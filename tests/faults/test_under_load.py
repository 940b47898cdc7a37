"""Faults under load: an upgrade of the package, and a short soak."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import pytest

from ds_dashboard_dev.checkout import say
from ds_dashboard_dev.soak import chaos
from ds_dashboard_dev.soak.load import Producer
from ds_dashboard_dev.testing.ledger import Totals
from ds_dashboard_dev.testing.misconfigure import new_archive
from ds_dashboard_dev.testing.pair import SOUND, Pair
from ds_dashboard_dev.testing.traffic import Traffic
from ds_dashboard_dev.testing.waiting import eventually

Balance = Callable[[], Totals]
MIXED_FAULTS = 6

ADDED_METRIC = '''from ds_dashboard.metrics import Metric


class Added(Metric):
    """Comes with the upgrade."""

    def _compute_value(self) -> int:
        return 1
'''


def _produce(pair: Pair, traffic: Traffic, until: threading.Event) -> list[Producer]:
    """Start a producer in each spoke's account, which sends ten events every fifth of a second."""
    producers = [
        Producer(traffic, spoke, number, lambda _: not until.wait(0.2)) for number, spoke in enumerate(pair.spokes)
    ]
    for producer in producers:
        producer.start()
    return producers


def _stop(producers: list[Producer]) -> None:
    for producer in producers:
        producer.join(60)
        assert producer.error is None, producer.error


def test_an_upgrade_under_load_loses_nothing(pair: Pair, traffic: Traffic, balance: Balance, tmp_path: Path) -> None:
    """Terraform replaces the code of all functions while two accounts send and a refresh is running."""
    (tmp_path / "added.py").write_text(ADDED_METRIC)
    functions, name = pair.hub.client("lambda"), pair.hub.function_name("archive")
    before = functions.get_function_configuration(FunctionName=name)["CodeSha256"]
    upgraded = threading.Event()
    producers = _produce(pair, traffic, upgraded)
    try:
        pair.build(tmp_path)
        refresh_id = pair.hub.refresh(Projects=["South"], Metrics=[*SOUND])
        pair.upgrade()
    finally:
        upgraded.set()
    _stop(producers)
    assert functions.get_function_configuration(FunctionName=name)["CodeSha256"] != before
    traffic.wait_for_runs(refresh_id, pair.south)
    totals = balance()
    assert totals.items == totals.accepted > 50


@pytest.mark.nightly
def test_combined_faults_lose_nothing(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """A short soak. The same seed gives the same faults in a longer one: `python -m ds_dashboard_dev.soak --seed N`."""
    seed = random.randrange(1_000_000)
    say(f"seed of the faults: {seed}")
    over = threading.Event()
    producers = _produce(pair, traffic, over)
    try:
        with ThreadPoolExecutor(2) as pool:
            planned = list(islice(chaos.plan(seed), MIXED_FAULTS))
            list(pool.map(lambda one: chaos.inject(pair, one), planned))
    finally:
        over.set()
    _stop(producers)

    def nothing_to_redrive() -> bool:
        traffic.totals()
        # A new archive looks up at once a project that was unregistered for a moment.
        with new_archive(pair.hub):
            return not traffic.redrive() + traffic.ledger.redrive_rejected()

    eventually(nothing_to_redrive, f"nothing to redrive after the faults {[one.name for one in planned]}")
    balance()
