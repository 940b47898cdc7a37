"""Reading what lies in the queues: events, and the records in which services wrap what they could not deliver."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ds_dashboard.client.text import Literal

RESULT, RUN = "metric_extractor", "metric_extractor_run"


def read(text: str) -> dict[str, Any]:
    """The object that a text is, its numbers as they are written; empty where it is none."""
    try:
        value = json.loads(text, parse_float=Literal, parse_int=Literal, parse_constant=Literal)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def is_refresh(event: Mapping[str, Any]) -> bool:
    """Whether an event asks for values; a result has a metric's name."""
    detail = event.get("detail")
    return event.get("detail-type") == RESULT and not (isinstance(detail, dict) and "MetricName" in detail)


def subject(event: Mapping[str, Any]) -> str:
    """What an event is, in a few words: `Jobs of P/dev`, `refresh 01J...`."""
    detail = event.get("detail")
    if not isinstance(detail, dict):
        return "no event"
    project = f"{detail.get('ProjectName', '?')}/{detail.get('Environment', '?')}"
    if is_refresh(event):
        return f"refresh {detail.get('RefreshId', event.get('id', '?'))}"
    if event.get("detail-type") == RUN:
        return f"run of {project}"
    if "MetricName" in detail:
        failed = "" if event.get("detail-type") == RESULT else "failure of "
        return f"{failed}{detail['MetricName']} of {project}"
    return f"{event.get('detail-type', 'event')} of {event.get('source', '?')}"
