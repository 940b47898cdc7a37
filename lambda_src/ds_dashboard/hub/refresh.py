"""Refresh requests: put on the hub's bus, from which the connection's rules forward them to the spokes."""

from __future__ import annotations

import logging

from ds_dashboard import aws, event
from ds_dashboard.event import Refresh

log = logging.getLogger(__name__)


class NotEmitted(RuntimeError):
    """The hub's bus did not accept the refresh; the message says why."""


def emit(refresh: Refresh, bus: str) -> str:
    """Put a refresh on a bus, and return the event's ID.

    Args:
        refresh: what to request, from which spokes.
        bus: the name of the hub's bus.

    Raises:
        NotEmitted: the bus did not accept the event.
    """
    answer = aws.client("events").put_events(
        Entries=[
            {
                "Source": event.SOURCE,
                "DetailType": event.Kind.RESULT.value,
                "Detail": refresh.detail(),
                "Resources": [],
                "EventBusName": bus,
            }
        ]
    )["Entries"][0]
    if "EventId" not in answer:
        raise NotEmitted(f"{bus} did not accept the refresh: {answer.get('ErrorCode')}: {answer.get('ErrorMessage')}")
    log.info(
        "refresh emitted", extra={"event": "refresh", "RefreshId": refresh.refresh_id, "EventId": answer["EventId"]}
    )
    return answer["EventId"]
