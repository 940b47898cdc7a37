"""Sending as a careful producer does: each event serialized once, sent until a bus has taken it."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from ds_dashboard_dev.soak.events import Event
from ds_dashboard_dev.soak.ledger import Ledger
from ds_dashboard_dev.soak.side import Side

_MOST = 10


class NotTaken(AssertionError):
    """The bus did not take an event in the time there was."""


def send(
    ledger: Ledger, side: Side, events: Sequence[Event], *, bus_arn: str | None = None, patience: float = 60
) -> None:
    """Put `events` on the bus of `side`, or on `bus_arn`, and enter them into the ledger.

    They are entered before they are sent: one whose answer was lost has been sent all the same.
    """
    for start in range(0, len(events), _MOST):
        waiting = list(events[start : start + _MOST])
        ledger.enter(waiting)
        limit = time.monotonic() + patience
        while waiting := _put(side, waiting, bus_arn):
            if time.monotonic() > limit:
                raise NotTaken(f"{len(waiting)} events were not taken by {bus_arn or side.bus_arn}: {waiting[0]}")
            time.sleep(random.uniform(0.05, 0.3))
            ledger.enter_again(len(waiting))


def _put(side: Side, waiting: Sequence[Event], bus_arn: str | None) -> list[Event]:
    """Those that must be sent again."""
    try:
        answers = side.put([event.entry() for event in waiting], bus_arn)
    except (ClientError, BotoCoreError):
        return list(waiting)
    return [event for event, answer in zip(waiting, answers, strict=True) if "EventId" not in answer]
