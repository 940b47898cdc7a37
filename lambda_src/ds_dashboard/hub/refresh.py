"""Refresh requests: put on the hub's bus, from which the connection's rules forward them to the spokes."""

from __future__ import annotations

import logging

from ds_dashboard import aws, event
from ds_dashboard.deadline import Deadline
from ds_dashboard.event import Refresh
from ds_dashboard.hub import calls

log = logging.getLogger(__name__)


class NotEmitted(RuntimeError):
    """The hub's bus did not accept the refresh; the message says why."""


def emit(refresh: Refresh, bus: str, deadline: Deadline) -> str:
    """Put a refresh on a bus, and return the event's ID.

    An attempt whose answer is lost puts the event twice, with the same refresh ID, which spokes answer once.

    Args:
        refresh: what to request, from which spokes.
        bus: the name of the hub's bus.
        deadline: no attempt starts after it.

    Raises:
        NotEmitted: the bus did not accept the event.
        botocore.exceptions.ClientError: the last attempt failed.
        botocore.exceptions.BotoCoreError: the same.
    """
    entry = {
        "Source": event.SOURCE,
        "DetailType": event.Kind.RESULT.value,
        "Detail": refresh.detail(),
        "Resources": [],
        "EventBusName": bus,
    }
    backoff = calls.backoff_until(deadline)
    while True:
        answer = calls.call(aws.client("events", brief=True).put_events, deadline, Entries=[entry])["Entries"][0]
        if "EventId" in answer:
            break
        # PutEvents answers 200 with FailedEntryCount > 0.
        code = answer.get("ErrorCode", "")
        if not calls.is_transient_code(code) or not backoff.wait():
            raise NotEmitted(f"{bus} did not accept the refresh: {code}: {answer.get('ErrorMessage')}")
    log.info(
        "refresh emitted", extra={"event": "refresh", "RefreshId": refresh.refresh_id, "EventId": answer["EventId"]}
    )
    return answer["EventId"]
