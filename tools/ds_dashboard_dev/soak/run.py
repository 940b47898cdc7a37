"""A run of the soak: load and faults at the same time, then recovery until every event has arrived."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from ds_dashboard_dev.checkout import Failure, say
from ds_dashboard_dev.soak import chaos
from ds_dashboard_dev.soak.load import Producer
from ds_dashboard_dev.testing.pair import Pair
from ds_dashboard_dev.testing.traffic import Traffic

# Longer than a batch takes, or all of it is done again and again; as deployed it is six minutes.
_VISIBILITY_SECONDS = 40
_PROGRESS_SECONDS = 10.0
_PAUSE_SECONDS = 2.0
# The archive looks up a project that it has not found again after a minute.
_RECOVERY_SECONDS = 600.0
# More messages only make the queue slow.
_MAX_VISIBLE, _MAX_IN_FLIGHT = 1_000, 5_000
_PRODUCERS = 3  # in each account


class Run:
    """Load, faults and recovery of one soak.

    Attributes:
        faults: how many were injected.
        ledger: of all events.
    """

    def __init__(self, pair: Pair, seed: int) -> None:
        self._pair, self._seed = pair, seed
        self._traffic = Traffic(pair.hub, *pair.spokes)
        self.ledger = self._traffic.ledger
        self._lock, self._allotted = threading.Lock(), 0
        self._room = threading.Event()
        self.faults = 0
        pair.hub.shorten_retries(_VISIBILITY_SECONDS)

    def soak(self, seconds: float, max_events: int | None) -> None:
        """Send events under faults for so many seconds, or until so many events were sent.

        Raises:
            Failure: a producer gave up.
        """
        ended = threading.Event()
        limit = time.monotonic() + seconds

        def allot(wanted: int) -> bool:
            self._room.wait()
            with self._lock:
                if ended.is_set() or time.monotonic() > limit:
                    return False
                if max_events is not None and self._allotted >= max_events:
                    return False
                self._allotted += wanted
                return True

        producers = [
            Producer(self._traffic, spoke, self._seed + number, allot)
            for number, spoke in enumerate([*self._pair.spokes] * _PRODUCERS)
        ]
        for producer in producers:
            producer.start()
        try:
            with ThreadPoolExecutor() as pool:
                self._inject_faults(pool, lambda: any(producer.is_alive() for producer in producers))
        finally:
            ended.set()
            self._room.set()
        for producer in producers:
            producer.join()
            if producer.error is not None:
                raise Failure(f"{producer.name} gave up: {producer.error}", fix="The lines above name the faults.")

    def _inject_faults(self, pool: ThreadPoolExecutor, sending: Callable[[], bool]) -> None:
        """Inject one fault after the other, and some at once, for as long as anybody sends."""
        begun = shown = time.monotonic()
        running: list[Future[None]] = []
        for planned in chaos.plan(self._seed):
            say(f"    {planned.seconds:>4.1f} s of: {planned.name}")
            running.append(pool.submit(chaos.inject, self._pair, planned))
            self.faults += 1
            until = time.monotonic() + planned.pause
            while time.monotonic() < until:
                if not sending():
                    return
                self._make_room()
                if time.monotonic() - shown > _PROGRESS_SECONDS:
                    shown = time.monotonic()
                    self._show_progress(shown - begun)
                time.sleep(0.5)
            for future in [future for future in running if future.done()]:
                running.remove(future)
                future.result()

    def _make_room(self) -> None:
        """Let the producers go on while the queue is short."""
        visible, in_flight = self.ledger.hub.depth(self.ledger.hub.QUEUE)
        if visible < _MAX_VISIBLE and in_flight < _MAX_IN_FLIGHT:
            self._room.set()
        else:
            self._room.clear()

    def _show_progress(self, seconds: float) -> None:
        self._traffic.record()
        sent, (visible, in_flight) = self.ledger.sent, self.ledger.hub.depth(self.ledger.hub.QUEUE)
        waiting = f"{visible:,} wait, {in_flight:,} are in flight"
        say(f"{seconds:>5.0f} s: {sent:,} events sent ({sent / seconds:.0f}/s), {waiting}, {self.faults} faults")

    def recover(self) -> None:
        """Wait until every event has arrived, and redrive dead letters and what was rejected but is acceptable now."""
        self._pair.cloud.lift_faults()
        limit = time.monotonic() + _RECOVERY_SECONDS
        quiet = 0
        while quiet < 2:
            if time.monotonic() > limit:
                say(f"not settled within {_RECOVERY_SECONDS:.0f} s")
                return
            self._wait_until_empty(limit)
            self._traffic.record()
            self.ledger.collect()
            moved = self._traffic.redrive()
            back = self.ledger.redrive_rejected()
            say(f"sent again: {moved:,} dead letters, {back:,} rejected messages")
            quiet = 0 if moved or back else quiet + 1
            time.sleep(_PAUSE_SECONDS)

    def _wait_until_empty(self, limit: float) -> None:
        while any(waiting := self.ledger.hub.depth(self.ledger.hub.QUEUE)) and time.monotonic() < limit:
            say(f"       {sum(waiting):,} still wait for the archive, {waiting[1]:,} of them for their next try")
            time.sleep(_PAUSE_SECONDS)
