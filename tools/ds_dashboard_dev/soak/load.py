"""The load of the soak: producers in the spokes' accounts that send good events and bad ones without a pause."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from ds_dashboard_dev.testing.events import Event, instant, result_event
from ds_dashboard_dev.testing.installation import Spoke
from ds_dashboard_dev.testing.pair import NORTH, PROJECTS
from ds_dashboard_dev.testing.traffic import Traffic

_METRICS = [f"Metric{number}" for number in range(400)]
_VALUES: list[Callable[[random.Random, int], object]] = [
    lambda dice, number: number,
    lambda dice, number: -dice.randrange(10**37) - 10**37,
    lambda dice, number: dice.randrange(1, 10**9) / 10**6,
    lambda dice, number: f"v{number} grün",
]
_MAX_REMEMBERED = 400


class Producer(threading.Thread):
    """One producer in the account of a spoke.

    Args:
        traffic: through which it sends.
        spoke: in whose account it is.
        seed: of its random numbers.
        allot: called before each batch with its size; may wait, and answers `False` once enough was sent.

    Attributes:
        error: what ended it, if anything did.
    """

    def __init__(self, traffic: Traffic, spoke: Spoke, seed: int, allot: Callable[[int], bool]) -> None:
        super().__init__(daemon=True, name=f"producer-{spoke.project}-{seed}")
        self._traffic, self._spoke, self._allot = traffic, spoke, allot
        self._projects = PROJECTS if spoke.account == NORTH else [spoke.project]
        self._dice, self._number = random.Random(seed), 0
        self._before: list[Event] = []
        self.error: BaseException | None = None

    def run(self) -> None:
        """Send until enough was sent."""
        try:
            while self._allot(10):
                self._traffic.send(self._spoke, self._batch())
        except BaseException as error:  # noqa: BLE001 - shown by whoever joins the thread
            self.error = error

    def _batch(self) -> Sequence[Event]:
        # Now and then all events of a batch have the same metric and the same microsecond.
        same = (instant(), self._dice.choice(_METRICS)) if self._dice.random() < 0.1 else (None, None)
        batch = [self._event(*same) for _ in range(10)]
        self._before = [*self._before, *batch][-_MAX_REMEMBERED:]
        return batch

    def _event(self, at: str | None, metric: str | None) -> Event:
        self._number += 1
        dice, account = self._dice, self._spoke.account
        metric = metric or dice.choice(_METRICS)
        # The metadata make each event different from all others.
        own = dice.choice(self._projects)
        mark: dict[str, Any] = {"Metadata": {"Producer": self.name, "Number": self._number}}
        value = dice.choice(_VALUES)(dice, self._number)
        match dice.random():
            case chance if chance < 0.05 and self._before:
                return dice.choice(self._before)
            case chance if chance < 0.06:
                return result_event(account, "Nobody/dev", metric, value, at=at, refused="Unregistered", **mark)
            case chance if chance < 0.07:
                others = "South/dev" if own != "South/dev" else PROJECTS[0]
                return result_event(account, others, metric, value, at=at, refused="Unregistered", **mark)
            case chance if chance < 0.08:
                ahead = instant(-timedelta(hours=1))
                return result_event(account, own, metric, value, at=ahead, refused="DateAhead", **mark)
            case chance if chance < 0.09:
                return result_event(account, own, metric, [value], at=at, refused="Malformed", **mark)
            case chance if chance < 0.12:
                return result_event(account, own, metric, value, at=instant(timedelta(hours=1)), **mark)
        return result_event(account, own, metric, value, at=at, **mark)
