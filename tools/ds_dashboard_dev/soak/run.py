"""A run of the soak: load and faults at the same time, then everything put right and put back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from ds_dashboard_dev.checkout import Failure
from ds_dashboard_dev.soak import chaos
from ds_dashboard_dev.soak.installation import Installation
from ds_dashboard_dev.soak.ledger import Ledger
from ds_dashboard_dev.soak.letters import redrive
from ds_dashboard_dev.soak.load import Producer
from ds_dashboard_dev.soak.screen import say
from ds_dashboard_dev.soak.witness import Witness

# Longer than a batch takes, or all of it is done again and again; as deployed it is six minutes.
_VISIBILITY_SECONDS = 40
_TOLD_EVERY_SECONDS = 10.0
_PAUSE_SECONDS = 2.0
# The archive asks anew about a project that it has not found after a minute.
_RECOVERY_SECONDS = 600.0
# More that wait, now or for their next try, only make the queue slow.
_MOST_VISIBLE, _MOST_HIDDEN = 1_000, 5_000
_PRODUCERS = 3  # in each account


class Run:
    """Load, faults and recovery of one soak.

    Attributes:
        faults: how many there were.
    """

    def __init__(self, installation: Installation, seed: int) -> None:
        self._installation, self._seed = installation, seed
        self.ledger = Ledger(installation.hub)
        self._witnesses = [Witness(spoke) for spoke in installation.spokes()]
        self._share_lock, self._given = threading.Lock(), 0
        self._room = threading.Event()
        self.faults = 0
        installation.hurry(_VISIBILITY_SECONDS)

    def soak(self, seconds: float, most_events: int | None) -> None:
        """Send events under faults for so long, or until so many were sent."""
        ended = threading.Event()
        limit = time.monotonic() + seconds

        def share(wanted: int) -> bool:
            self._room.wait()
            with self._share_lock:
                if ended.is_set() or time.monotonic() > limit:
                    return False
                if most_events is not None and self._given >= most_events:
                    return False
                self._given += wanted
                return True

        producers = [
            Producer(self._installation, self.ledger, spoke, self._seed + number, share)
            for number, spoke in enumerate([*self._installation.spokes()] * _PRODUCERS)
        ]
        for producer in producers:
            producer.start()
        try:
            with ThreadPoolExecutor() as pool:
                self._let_fail(pool, lambda: any(producer.is_alive() for producer in producers))
        finally:
            ended.set()
            self._room.set()
        for producer in producers:
            producer.join()
            if producer.error is not None:
                raise Failure(f"{producer.name} gave up: {producer.error}", fix="The faults stand in the lines above.")

    def _let_fail(self, pool: ThreadPoolExecutor, sending: Callable[[], bool]) -> None:
        """One fault after the other and some at once, for as long as anybody sends."""
        begun = told = time.monotonic()
        running: list[Future[None]] = []
        for planned in chaos.plan(self._seed):
            say(f"    {planned.seconds:>4.1f} s of: {planned.name}")
            running.append(pool.submit(chaos.endure, self._installation, planned))
            self.faults += 1
            until = time.monotonic() + planned.pause
            while time.monotonic() < until:
                if not sending():
                    return
                self._make_room()
                if time.monotonic() - told > _TOLD_EVERY_SECONDS:
                    told = time.monotonic()
                    self._tell(told - begun)
                time.sleep(0.5)
            for future in [future for future in running if future.done()]:
                running.remove(future)
                future.result()

    def _make_room(self) -> None:
        """Let the producers go on while the queue is short."""
        visible, hidden = self.ledger.hub.depth(self.ledger.hub.QUEUE)
        if visible < _MOST_VISIBLE and hidden < _MOST_HIDDEN:
            self._room.set()
        else:
            self._room.clear()

    def _tell(self, seconds: float) -> None:
        self._enter_witnessed()
        sent, (visible, hidden) = self.ledger.sent, self.ledger.hub.depth(self.ledger.hub.QUEUE)
        waiting = f"{visible:,} wait, {hidden:,} are under way"
        say(f"{seconds:>5.0f} s: {sent:,} events sent ({sent / seconds:.0f}/s), {waiting}, {self.faults} faults")

    def _enter_witnessed(self) -> None:
        for witness in self._witnesses:
            self.ledger.enter(witness.seen())

    def recover(self) -> None:
        """Let everything arrive, and put back what ended as a dead letter or was refused though welcome."""
        self._installation.cloud.lift_faults()
        limit = time.monotonic() + _RECOVERY_SECONDS
        quiet = 0
        while quiet < 2:
            if time.monotonic() > limit:
                say(f"not settled within {_RECOVERY_SECONDS:.0f} s")
                return
            self._wait_until_empty(limit)
            self._enter_witnessed()
            self.ledger.collect()
            moved = redrive(self.ledger, list(self._installation.spokes()))
            back = self.ledger.put_back_rejected()
            say(f"put back: {moved:,} dead letters, {back:,} that had been refused")
            quiet = 0 if moved or back else quiet + 1
            time.sleep(_PAUSE_SECONDS)

    def _wait_until_empty(self, limit: float) -> None:
        while any(waiting := self.ledger.hub.depth(self.ledger.hub.QUEUE)) and time.monotonic() < limit:
            say(f"       {sum(waiting):,} still wait for the archive, {waiting[1]:,} of them for their next try")
            time.sleep(_PAUSE_SECONDS)
