"""Putting a refresh on the hub's bus, from where the rules of the connection carry it to the spokes."""

from __future__ import annotations

import logging

from ds_dashboard import aws, event
from ds_dashboard.refresh import Refresh

log = logging.getLogger(__name__)


class NotEmitted(RuntimeError):
    """The hub's bus did not take the refresh; the message says why."""


def emit(refresh: Refresh, bus: str) -> str:
    """Put `refresh` on `bus`, and return its event id.

    Raises:
        NotEmitted: the bus refused it.
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
        raise NotEmitted(f"{bus} refused the refresh: {answer.get('ErrorCode')}: {answer.get('ErrorMessage')}")
    log.info(
        "refresh emitted", extra={"event": "refresh", "RefreshId": refresh.refresh_id, "EventId": answer["EventId"]}
    )
    return answer["EventId"]
