"""The load of the soak: producers in two accounts that send good events and bad ones, without a rest."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from ds_dashboard_dev.soak import events
from ds_dashboard_dev.soak.events import Event, result
from ds_dashboard_dev.soak.installation import PROJECTS, Installation
from ds_dashboard_dev.soak.ledger import Ledger
from ds_dashboard_dev.soak.sending import send
from ds_dashboard_dev.soak.side import Spoke

_METRICS = [f"Metric{number}" for number in range(400)]
_VALUES: list[Callable[[random.Random, int], object]] = [
    lambda dice, number: number,
    lambda dice, number: -dice.randrange(10**37) - 10**37,
    lambda dice, number: dice.randrange(1, 10**9) / 10**6,
    lambda dice, number: f"v{number} grün",
]
_KEPT = 400


class Producer(threading.Thread):
    """One producer in the account of a spoke.

    Args:
        share: called before each batch with its size; may wait, and answers `False` once enough was sent.
    """

    def __init__(
        self, installation: Installation, ledger: Ledger, spoke: Spoke, seed: int, share: Callable[[int], bool]
    ) -> None:
        super().__init__(daemon=True, name=f"producer-{spoke.project}-{seed}")
        self._spoke, self._ledger, self._share = spoke, ledger, share
        self._projects = PROJECTS if spoke is installation.north else [spoke.project]
        self._dice, self._number = random.Random(seed), 0
        self._before: list[Event] = []
        self.error: BaseException | None = None

    def run(self) -> None:
        """Send until enough was sent."""
        try:
            while self._share(10):
                send(self._ledger, self._spoke, self._batch())
        except BaseException as error:  # noqa: BLE001 - told by who joins the thread
            self.error = error

    def _batch(self) -> Sequence[Event]:
        # Now and then all of a batch bears one microsecond, and one metric.
        same = (events.instant(), self._dice.choice(_METRICS)) if self._dice.random() < 0.1 else (None, None)
        batch = [self._event(*same) for _ in range(10)]
        self._before = [*self._before, *batch][-_KEPT:]
        return batch

    def _event(self, at: str | None, metric: str | None) -> Event:
        self._number += 1
        dice, account = self._dice, self._spoke.account
        metric = metric or dice.choice(_METRICS)
        # A project of the account, and what makes each event another one.
        own = dice.choice(self._projects)
        mark: dict[str, Any] = {"Metadata": {"Producer": self.name, "Number": self._number}}
        value = dice.choice(_VALUES)(dice, self._number)
        match dice.random():
            case chance if chance < 0.05 and self._before:
                return dice.choice(self._before)
            case chance if chance < 0.06:
                return result(account, "Nobody/dev", metric, value, at=at, refused="Unregistered", **mark)
            case chance if chance < 0.07:
                others = "South/dev" if own != "South/dev" else PROJECTS[0]
                return result(account, others, metric, value, at=at, refused="Unregistered", **mark)
            case chance if chance < 0.08:
                ahead = events.instant(-timedelta(hours=1))
                return result(account, own, metric, value, at=ahead, refused="DateAhead", **mark)
            case chance if chance < 0.09:
                return result(account, own, metric, [value], at=at, refused="Malformed", **mark)
            case chance if chance < 0.12:
                return result(account, own, metric, value, at=events.instant(timedelta(hours=1)), **mark)
        return result(account, own, metric, value, at=at, **mark)
