"""Faults beside each other: an upgrade under load, two installations at once, and whatever a seed throws."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from ds_dashboard_dev.soak import chaos
from ds_dashboard_dev.soak.ledger import Totals
from ds_dashboard_dev.soak.load import Producer
from ds_dashboard_dev.soak.screen import say

from .world import World, eventually, unused, values

Balance = Callable[[], Totals]
MIXED_FAULTS = 6

MORE = '''from ds_dashboard.metrics import Metric


class Added(Metric):
    """Comes with the upgrade."""

    def _compute_value(self) -> int:
        return 1
'''


def _produce(world: World, until: threading.Event) -> list[Producer]:
    """Start a producer in each spoke's account, which sends ten events every fifth of a second."""
    producers = [
        Producer(world.installation, world.ledger, spoke, number, lambda _: not until.wait(0.2))
        for number, spoke in enumerate(world.spokes)
    ]
    for producer in producers:
        producer.start()
    return producers


def _stop(producers: list[Producer]) -> None:
    for producer in producers:
        producer.join(60)
        assert producer.error is None, producer.error


def test_two_installations_in_one_account(world: World, second: World, balance: Balance) -> None:
    """Both are asked at the same time, and each hub has what its own spokes said, and nothing else."""
    home, south = second.installation.home, world.installation.south
    with second.cloud.fault("dynamodb:*", kind="lost", caller="*-archive", chance=0.3):
        ids = [(second, second.refresh(), home), (world, world.refresh(Projects=["South"]), south)]
        for number, (of, spoke) in enumerate([(second, home), (world, south)]):
            of.send(spoke, values(spoke, unused(f"Neighbour{number}"), 30))
        for of, refresh_id, spoke in ids:
            of.answered(refresh_id, spoke)
    assert balance().items == 30 + 3
    totals = second.totals()
    assert (totals.items, totals.lost, totals.doubled, totals.uninvited) == (30 + 2, 0, 0, 0)
    assert {item["ProjectName"] for item in second.history()} == {"Home"}
    assert not [item for item in world.history() if item["ProjectName"] == "Home"]


def test_an_upgrade_of_the_package_while_events_flow(world: World, balance: Balance, tmp_path: Path) -> None:
    """Terraform replaces the code of all functions while two accounts send and a refresh is under way."""
    (tmp_path / "added.py").write_text(MORE)
    functions, name = world.hub.client("lambda"), world.hub.outputs["archive_function_name"]
    before = functions.get_function_configuration(FunctionName=name)["CodeSha256"]
    upgraded = threading.Event()
    producers = _produce(world, upgraded)
    try:
        world.installation.build(tmp_path)
        refresh_id = world.refresh(Projects=["South"])
        world.installation.upgrade()
    finally:
        upgraded.set()
    _stop(producers)
    assert functions.get_function_configuration(FunctionName=name)["CodeSha256"] != before
    world.answered(refresh_id, world.installation.south)
    totals = balance()
    assert totals.items == totals.accepted > 50


def test_faults_mixed_at_random(world: World, balance: Balance) -> None:
    """A short soak. The same seed brings the same faults: `python -m ds_dashboard_dev.soak --seed ...` goes on."""
    seed = random.randrange(1_000_000)
    say(f"seed of the mixed faults: {seed}")
    over = threading.Event()
    producers = _produce(world, over)
    try:
        with ThreadPoolExecutor(2) as pool:
            planned = list(islice(chaos.plan(seed), MIXED_FAULTS))
            list(pool.map(lambda one: chaos.endure(world.installation, one), planned))
    finally:
        over.set()
    _stop(producers)

    def put_back() -> bool:
        world.totals()
        # What was unregistered for a moment is known again to an archive that is new.
        with world.new_archive():
            return not world.redrive() + world.ledger.put_back_rejected()

    eventually(put_back, f"nothing left to put back after the faults {[one.name for one in planned]}")
    balance()
