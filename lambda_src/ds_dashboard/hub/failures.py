"""The failures in a spoke's item: what one failure holds, and what stays if they do not all fit.

An item of DynamoDB holds 400 KB, and a run event of the spoke up to 200 KB of them. Each update costs write units for
the whole item. A spoke can send failures of names that it invents, so the failures are bounded:

- A failure of a metric that the spoke no longer runs is removed. A metric with run-time arguments belongs to the
  metric that the spoke deploys.
- If the rest is too large, failures of metrics that are not in the latest run go first, and then those of metrics with
  run-time arguments, the oldest first.
- Then the longest messages are shortened, so that every metric keeps its reason.
- Failures of deployed metrics go last, the oldest first. The metrics that fit into a function's environment all stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ds_dashboard import dates
from ds_dashboard.event import Received
from ds_dashboard.hub import texts
from ds_dashboard.series import instance_of

MAX_BYTES = 160 * 1024
# What a failure may count without its message before others are removed for it, and what its message keeps at least.
_MIN_MESSAGE_BYTES = 100
# DynamoDB counts 3 bytes for a map, and 1 for each of its members.
_MAP_BYTES, _MEMBER_BYTES = 3, 1

Failure = Mapping[str, Any]


def content(received: Received) -> dict[str, Any]:
    """Return the member of `Failures` for a failure event."""
    return {
        "ErrorType": received.detail["ErrorType"],
        "ErrorMessage": received.detail["ErrorMessage"],
        "ExtractionDate": dates.format_instant(received.date),
        "RefreshId": received.detail.get("RefreshId"),
        "EventId": received.event_id,
    }


def stored(value: Any) -> dict[str, dict[str, Any]]:
    """Return the members of an item's `Failures` that have the form that the archive writes."""
    members = value if isinstance(value, dict) else {}
    return {metric: failure for metric, failure in members.items() if _is_failure(failure)}


def _is_failure(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and all(isinstance(value.get(name), str) for name in ("ErrorType", "ErrorMessage", "ExtractionDate"))
        and all(member is None or isinstance(member, str) for member in value.values())
    )


def bounded(
    failures: Mapping[str, Failure],
    deployed: Sequence[str] | None,
    last_run: str | None,
    max_bytes: int = MAX_BYTES,
) -> dict[str, Failure]:
    """Return the failures that stay, with messages that fit.

    Args:
        failures: metric name -> failure.
        deployed: the metrics of the spoke's latest run; None if it has sent no run event.
        last_run: the end of that run, in the form of the event contract.
        max_bytes: the limit for all of them.
    """
    known = None if deployed is None else frozenset(deployed)

    def rank(metric: str) -> int:
        """Return 2 for a deployed metric, 1 for one with run-time arguments, whose names are without end, or 0."""
        return 2 if known is None or metric in known else int(instance_of(metric) in known)

    kept = {
        metric: failure
        for metric, failure in failures.items()
        # A new metric may fail before the run event that names it arrives.
        if rank(metric) or last_run is None or failure["ExtractionDate"] > last_run
    }
    fixed = {metric: _size(metric, {**failure, "ErrorMessage": ""}) for metric, failure in kept.items()}
    messages = {metric: len(str(failure["ErrorMessage"]).encode()) for metric, failure in kept.items()}
    total = sum(fixed.values()) + sum(messages.values())
    least = sum(fixed.values()) + _MIN_MESSAGE_BYTES * len(kept)
    for metric in sorted(kept, key=lambda one: (rank(one), kept[one]["ExtractionDate"], one)):
        if total <= max_bytes or (rank(metric) == 2 and least <= max_bytes):
            break
        total -= fixed[metric] + messages.pop(metric)
        least -= fixed.pop(metric) + _MIN_MESSAGE_BYTES
        del kept[metric]
    if total > max_bytes:
        longest = texts.level(sorted(messages.values()), max_bytes - sum(fixed.values()))
        kept = {
            metric: {**failure, "ErrorMessage": texts.cut(str(failure["ErrorMessage"]), longest)}
            for metric, failure in kept.items()
        }
    return kept


def _size(metric: str, failure: Failure) -> int:
    """Return the bytes of a member of `Failures`, as DynamoDB counts them."""
    texts = sum(len(name.encode()) + len(str(value or "").encode()) for name, value in failure.items())
    return len(metric.encode()) + texts + _MAP_BYTES + _MEMBER_BYTES * (len(failure) + 1)
