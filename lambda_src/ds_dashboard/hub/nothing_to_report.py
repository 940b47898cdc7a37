"""The metrics of a spoke that have nothing to report, in the spoke's item: what stays, and that it fits.

A run that computes only some metrics says nothing about the others, whose entries stay. An entry describes the past if
the metric has a newer value or failure. Whoever shows it compares the dates.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from ds_dashboard.hub import texts
from ds_dashboard.series import instance_of

# With a run event, the failures and the run as of a past instant, they fit into the 400 KB of an item.
MAX_BYTES = 20 * 1024
_MIN_REASON_BYTES = 40
# DynamoDB counts a byte for each member of a map.
_MEMBER_BYTES = 1


class Entry(NamedTuple):
    """Why a metric has nothing to report.

    Attributes:
        reason: what the metric said.
        at: the start of the run, in the form of the event contract.
    """

    reason: str
    at: str


def stored(item: Mapping[str, Any]) -> dict[str, Entry]:
    """Return the entries of a spoke's item that have the form that the archive writes."""
    reasons, dates = (_texts(item.get(name)) for name in ("NothingToReport", "NothingToReportAt"))
    return {metric: Entry(reason, dates[metric]) for metric, reason in reasons.items() if metric in dates}


def _texts(value: Any) -> dict[str, str]:
    members = value if isinstance(value, dict) else {}
    return {name: text for name, text in members.items() if isinstance(text, str)}


def merged(
    before: Mapping[str, Entry], reasons: Mapping[str, str], started: str, deployed: Collection[str], computed: int
) -> dict[str, Entry]:
    """Return the entries after a run.

    Args:
        before: the entries of earlier runs.
        reasons: metric -> reason, of this run.
        started: the start of this run.
        deployed: the metrics of the spoke, as of this run.
        computed: how many metrics this run has computed, with and without a value.
    """
    # A run of all metrics says about each what holds now, except about those with run-time arguments.
    others = frozenset(deployed) if computed < len(deployed) else frozenset()
    kept = {
        metric: entry
        for metric, entry in before.items()
        if metric in others or (metric not in deployed and instance_of(metric) in deployed)
    }
    return bounded({**kept, **{metric: Entry(reason, started) for metric, reason in reasons.items()}}, MAX_BYTES)


def bounded(entries: Mapping[str, Entry], max_bytes: int) -> dict[str, Entry]:
    """Return the entries that stay, with reasons that fit: the oldest entries go, and then long reasons are cut."""
    kept: dict[str, Entry] = {}
    names_bytes = least = 0
    for metric in sorted(entries, key=lambda one: (entries[one].at, one), reverse=True):
        # The name is a key of both maps.
        fixed = 2 * (len(metric.encode()) + _MEMBER_BYTES) + len(entries[metric].at.encode())
        minimum = min(_MIN_REASON_BYTES, len(entries[metric].reason.encode()))
        if least + fixed + minimum > max_bytes:
            break
        kept[metric] = entries[metric]
        names_bytes, least = names_bytes + fixed, least + fixed + minimum
    if not kept:
        return {}
    longest = texts.level(sorted(len(entry.reason.encode()) for entry in kept.values()), max_bytes - names_bytes)
    return {metric: entry._replace(reason=texts.cut(entry.reason, longest)) for metric, entry in kept.items()}
