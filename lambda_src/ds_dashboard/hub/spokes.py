"""The spokes table: one item for each spoke, from its latest run event and the failures of its metrics.

A failure stays under `Failures` until the metric fails again. It describes the past if the latest table has a newer
value of the metric, if the metric has nothing to report since, or if the item's `Metrics` no longer has it. Whoever
shows a failure compares them. `hub/nothing_to_report.py` and `hub/as_of.py` describe the other parts of an item.

The failures of a spoke that are in one batch are one write, whose size is bounded: `hub/failures.py` says what stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from ds_dashboard import dates
from ds_dashboard.deadline import Deadline
from ds_dashboard.event import Kind, Received
from ds_dashboard.hub import as_of, calls, failures, nothing_to_report, spoke_item, tables
from ds_dashboard.hub.tables import Outcome, WriteResult
from ds_dashboard.identity import Project

_REVISION = "FailuresRevision"


class _Job(NamedTuple):
    """The events of a spoke that are one write."""

    project: Project
    kind: Kind
    is_as_of: bool


def write(events: Iterable[Received], table: str, deadline: Deadline) -> dict[str, WriteResult]:
    """Write the newest run event of each spoke and the newest failure of each metric, unless the table has newer ones.

    Args:
        events: run events and failure events; each `dedup_key` occurs once.
        table: the table's name.
        deadline: no call starts after it. What is not written by then has failed.

    Returns:
        The result of each event, by `dedup_key`: written, superseded or failed.
    """
    newest, results = tables.newest_by(events, _subject)
    jobs: dict[_Job, list[Received]] = {}
    for received in newest:
        jobs.setdefault(_Job(received.project, received.kind, received.is_as_of), []).append(received)

    def write_job(job: _Job) -> dict[str, bool]:
        if job.kind is Kind.RUN:
            (run,) = jobs[job]
            return {run.dedup_key: as_of.write_run(run, table) if job.is_as_of else _write_run(run, table)}
        return (as_of.write_failures if job.is_as_of else _write_failures)(job.project, jobs[job], table)

    # A spoke whose item is throttled waits for its next attempt until all others had theirs.
    for job, written in zip(jobs, calls.call_each_until(write_job, list(jobs), deadline), strict=True):
        for received in jobs[job]:
            if isinstance(written, Exception):
                results[received.dedup_key] = WriteResult(Outcome.FAILED, f"spokes table: {written}")
            else:
                outcome = Outcome.WRITTEN if written[received.dedup_key] else Outcome.SUPERSEDED
                results[received.dedup_key] = WriteResult(outcome)
    return results


def _subject(received: Received) -> tuple[Any, ...]:
    """Return what only the newest event of a batch is written for."""
    if received.kind is Kind.RUN:
        return received.project.key, received.is_as_of
    refresh_id = received.detail.get("RefreshId") if received.is_as_of else None
    return received.project.key, received.detail["MetricName"], refresh_id


def _write_run(run: Received, table: str) -> bool:
    """Write a run event, and return whether it is newer than the one in the table.

    Raises:
        calls.Conflict: another archive has written a run event in the meantime.
    """
    item = spoke_item.read(run.project, table, ["FinishedAt", "NothingToReport", "NothingToReportAt"])
    finished, before = dates.format_instant(run.date), item.get("FinishedAt")
    if isinstance(before, str) and before >= finished:
        return False
    detail, reasons = run.detail, run.detail.get("NothingToReport", {})
    entries = nothing_to_report.merged(
        nothing_to_report.stored(item),
        reasons,
        _started(run),
        deployed=detail["Metrics"],
        computed=detail["Emitted"] + detail["Failed"] + len(reasons),
    )
    attributes = {
        "ProjectName": run.detail["ProjectName"],
        "Environment": run.detail["Environment"],
        "AccountId": run.account,
        "Region": run.region,
        "LastSeen": finished,
        "FinishedAt": finished,
        "StartedAt": run.detail["StartedAt"],
        "LastRefreshId": run.detail.get("RefreshId"),
        "Emitted": run.detail["Emitted"],
        "Failed": run.detail["Failed"],
        "Metrics": run.detail["Metrics"],
        "NothingToReport": {metric: entry.reason for metric, entry in entries.items()},
        "NothingToReportAt": {metric: entry.at for metric, entry in entries.items()},
        "ScheduleExpression": run.detail.get("ScheduleExpression"),
        "PackageVersion": run.detail.get("PackageVersion"),
        "BotoVersion": run.detail.get("BotoVersion"),
        "EventId": run.event_id,
    }
    condition, values = spoke_item.unchanged("FinishedAt", item)

    def update() -> bool:
        if not spoke_item.update(run.project, table, attributes, condition=condition, values=values):
            raise calls.Conflict
        return True

    try:
        return update()
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationException":
            raise
    # The item has reached DynamoDB's limit: its failures were written before they were bounded.
    _write_failures(run.project, [], table)
    return update()


def _started(run: Received) -> str:
    """Return the start of a run, in the form of the event contract; its end if it names no valid start."""
    try:
        return dates.format_instant(min(dates.parse(run.detail["StartedAt"]), run.date))
    except dates.InvalidDate:
        return dates.format_instant(run.date)


def _write_failures(project: Project, new: list[Received], table: str) -> dict[str, bool]:
    """Write the failures of a spoke, and return for each `dedup_key` whether it is newer than that in the table.

    Raises:
        calls.Conflict: another archive has changed the failures in the meantime.
    """
    item = spoke_item.read(project, table, ["Failures", "Metrics", "FinishedAt", _REVISION])
    # Another program, or an operator who forgets failures, may have written anything. What cannot be read is replaced.
    before, metrics, finished = failures.stored(item.get("Failures")), item.get("Metrics"), item.get("FinishedAt")
    deployed = [one for one in metrics if isinstance(one, str)] if isinstance(metrics, list) else None
    last_run = finished if isinstance(finished, str) else None
    content = {received.detail["MetricName"]: failures.content(received) for received in new}
    newer = {
        metric: failure
        for metric, failure in content.items()
        if metric not in before or before[metric]["ExtractionDate"] < failure["ExtractionDate"]
    }
    after = failures.bounded({**before, **newer}, deployed, last_run)
    if after != item.get("Failures", {}):
        found = item.get(_REVISION)
        revision = found if isinstance(found, Decimal) else None
        written = spoke_item.update(
            project,
            table,
            {"Failures": after, _REVISION: (revision or 0) + 1},
            condition=f"NOT attribute_type(#{_REVISION}, :before)" if revision is None else f"#{_REVISION} = :before",
            values={":before": "N" if revision is None else revision},
        )
        if not written:
            raise calls.Conflict
    return {received.dedup_key: received.detail["MetricName"] in newer for received in new}
