"""Runs as of a past instant, in the item of a spoke: the latest of them, and why its metrics failed.

They say nothing about the present, and so replace nothing of the spoke's latest run. They are in the item so that
whoever asked for the instant sees that the spoke has answered: `AsOf` has the run, `AsOfFailures` the newest failure of
each metric. Values are in the history.
"""

from __future__ import annotations

from collections.abc import Sequence

from ds_dashboard import dates
from ds_dashboard.event import Received
from ds_dashboard.hub import calls, failures, nothing_to_report, spoke_item
from ds_dashboard.hub.nothing_to_report import Entry
from ds_dashboard.identity import Project

_MAX_REASONS_BYTES = 6 * 1024
_MAX_FAILURES_BYTES = 10 * 1024


def write_run(run: Received, table: str) -> bool:
    """Write a run as of a past instant, and return whether it ended later than the one in the table."""
    finished = dates.format_instant(run.date)
    reasons = {metric: Entry(reason, "") for metric, reason in run.detail.get("NothingToReport", {}).items()}
    kept = nothing_to_report.bounded(reasons, _MAX_REASONS_BYTES)
    latest = {
        "RefreshId": run.detail.get("RefreshId"),
        "StartedAt": run.detail["StartedAt"],
        "FinishedAt": finished,
        "Emitted": run.detail["Emitted"],
        "Failed": run.detail["Failed"],
        "NothingToReport": {metric: entry.reason for metric, entry in kept.items()},
        "EventId": run.event_id,
    }
    return spoke_item.update(
        run.project,
        table,
        {"AsOf": latest},
        condition="attribute_not_exists(#AsOf.#FinishedAt) OR #AsOf.#FinishedAt < :finished",
        names={"#FinishedAt": "FinishedAt"},
        values={":finished": finished},
    )


def write_failures(project: Project, new: Sequence[Received], table: str) -> dict[str, bool]:
    """Write the failures of a spoke as of past instants, and return for each `dedup_key` whether it was written.

    All failures of an instant have its date, so the newest is the one that was put on the bus last.

    Raises:
        calls.Conflict: another archive has changed the failures in the meantime.
    """
    item = spoke_item.read(project, table, ["AsOfFailures"])
    after, written = failures.stored(item.get("AsOfFailures")), {}
    for received in sorted(new, key=lambda one: (one.put_at, one.date)):
        metric = received.detail["MetricName"]
        before = after.get(metric)
        is_newer = before is None or (
            received.put_at >= (before.get("PutAt") or "") and received.event_id != before.get("EventId")
        )
        if is_newer:
            after[metric] = {**failures.content(received), "PutAt": received.put_at}
        written[received.dedup_key] = is_newer
    if any(written.values()):
        condition, values = spoke_item.unchanged("AsOfFailures", item)
        bounded = failures.bounded(after, None, None, _MAX_FAILURES_BYTES)
        if not spoke_item.update(project, table, {"AsOfFailures": bounded}, condition=condition, values=values):
            raise calls.Conflict
    return written
