"""The spokes of a hub: registered or not, last seen, and which of their metrics fail.

A spoke is silent here exactly if the hub's own watch function counts it as silent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from ds_dashboard import dates
from ds_dashboard.client.installation import Installation
from ds_dashboard.client.items import OddAttributes
from ds_dashboard.client.settings import registered_account, registered_sender
from ds_dashboard.client.tables import SpokeFilter, parse_instant, project_of, query_project, scan, spoke_name
from ds_dashboard.series import instance_of


class SpokeState(StrEnum):
    """Whether a spoke reports to the hub."""

    OK = "ok"
    SILENT = "silent"
    UNREGISTERED = "not registered"


@dataclass(frozen=True, slots=True)
class Failure:
    """The reason why a metric has no newer value.

    Attributes:
        project: `ProjectName` of the spoke.
        environment: `Environment` of the spoke.
        metric: the metric's name.
        error_type: the class of the error, such as `MetricDenied`.
        error_message: the cause and the remedy.
        time: when the extraction failed, in UTC.
        refresh_id: the refresh that requested the extraction.
    """

    project: str
    environment: str
    metric: str
    error_type: str
    error_message: str
    time: datetime | None
    refresh_id: str | None

    @property
    def spoke(self) -> str:
        """`<project>/<environment>`."""
        return f"{self.project}/{self.environment}"

    def record(self) -> dict[str, str | None]:
        """Return the failure under the names of the event contract."""
        return {
            "MetricName": self.metric,
            "ErrorType": self.error_type,
            "ErrorMessage": self.error_message,
            "ExtractionDate": None if self.time is None else dates.format_instant(self.time),
            "RefreshId": self.refresh_id,
        }


@dataclass(frozen=True, slots=True)
class Spoke:
    """A spoke that is registered or has reported.

    Attributes:
        project: `ProjectName` of the spoke.
        environment: `Environment` of the spoke.
        account: the account ID that it reports from; if it never reported, the registered one.
        region: the region that it reports from; if it never reported, the registered one.
        state: whether it reports.
        registered: the account ID or bus ARN in Parameter Store; None if it is not registered, or if the caller may
            not read the registrations.
        moved: whether another account or region is registered now than the one that it last reported from.
        last_seen: when its last extraction ended, in UTC; for a producer without run events, the newest value's date.
        emitted: number of values in its last run.
        failed: number of failed metrics in its last run.
        metrics: names of its deployed metrics.
        package_version: version of its package.
        failures: the metrics that fail now.
        nothing_to_report: metric -> the reason why it has no value to report now.
        item: its item in the spokes table, without what another program wrote in another form than the archive; empty
            if it never reported.
    """

    project: str
    environment: str
    account: str
    region: str
    state: SpokeState
    registered: str | None
    moved: bool
    last_seen: datetime | None
    emitted: int | None
    failed: int | None
    metrics: tuple[str, ...] | None
    package_version: str | None
    failures: tuple[Failure, ...] = ()
    nothing_to_report: Mapping[str, str] = field(default_factory=dict)
    item: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """`<project>/<environment>`."""
        return f"{self.project}/{self.environment}"


def read_spokes(
    installation: Installation,
    registered: Mapping[str, str] | None,
    spoke_filter: SpokeFilter,
    silent_after: timedelta,
    now: datetime,
    odd: OddAttributes,
    *,
    values: bool = True,
) -> list[Spoke]:
    """Read every spoke that is registered or has reported, sorted by name.

    Args:
        installation: the hub.
        registered: `<ProjectName>/<Environment>` -> account ID or bus ARN; None if the caller may not read it. Then
            every spoke that has reported counts as registered.
        spoke_filter: the spokes to read.
        silent_after: the age from which a spoke counts as silent.
        now: the instant to measure ages from.
        odd: counts what the table holds in another form.
        values: whether to read the dates of the newest values, without which nobody knows which failures are current.
    """
    read = scan(installation.client("dynamodb"), installation.table("spokes"))
    items = {spoke_name(item): odd.removed_from(item) for item in read}
    return [
        _spoke(installation, name, registered, items.get(name, {}), silent_after, now, values)
        for name in sorted({*items, *(registered or ())})
        if spoke_filter.matches(name)
    ]


def _spoke(
    installation: Installation,
    name: str,
    registered: Mapping[str, str] | None,
    item: Mapping[str, Any],
    silent_after: timedelta,
    now: datetime,
    values: bool,
) -> Spoke:
    last_seen = parse_instant(item.get("LastSeen"))
    newest: dict[str, datetime] = {}
    late = last_seen is None or now - last_seen > silent_after
    if values and (item.get("Failures") or item.get("NothingToReport") or late):
        newest = _newest_dates(installation, name)
        if late:
            # A producer that only puts values on the spoke's bus emits no run event.
            last_seen = max([*newest.values(), *([last_seen] if last_seen else [])], default=None)
    state = SpokeState.OK
    if registered is not None and name not in registered:
        state = SpokeState.UNREGISTERED
    elif last_seen is None or now - last_seen > silent_after:
        state = SpokeState.SILENT
    registration = registered.get(name) if registered else None
    sender = registered_sender(registration, installation.region) if registration else None
    account, region = sender or (registered_account(registration or ""), installation.region)
    if "AccountId" in item:
        account, region = item["AccountId"], item.get("Region") or region
    project = project_of(name)
    return Spoke(
        project=project.name,
        environment=project.environment,
        account=account,
        region=region,
        state=state,
        registered=registration,
        moved=sender is not None and sender != (account, region),
        last_seen=last_seen,
        emitted=int(item["Emitted"]) if "Emitted" in item else None,
        failed=int(item["Failed"]) if "Failed" in item else None,
        metrics=tuple(item["Metrics"]) if "Metrics" in item else None,
        package_version=item.get("PackageVersion"),
        failures=tuple(current_failures(item, newest)) if values else (),
        nothing_to_report={metric: entry.reason for metric, entry in current_reasons(item, newest).items()}
        if values
        else {},
        item=item,
    )


def _newest_dates(installation: Installation, name: str) -> dict[str, datetime]:
    """Return the date of the newest value of each metric of a spoke."""
    items = query_project(
        installation.client("dynamodb"), installation.table("latest"), project_of(name), "MetricName, ExtractionDate"
    )
    dated = {item["MetricName"]: parse_instant(item.get("ExtractionDate")) for item in items}
    return {metric: date for metric, date in dated.items() if date is not None}


def failures_of(item: Mapping[str, Any], attribute: str) -> Iterator[Failure]:
    """Yield the failures in a spoke's item, also those that are past, sorted by metric.

    Args:
        item: an item of the spokes table without odd attributes.
        attribute: `Failures`, or `AsOfFailures` for those of runs as of past instants.
    """
    for metric, failure in sorted(item.get(attribute, {}).items()):
        project = project_of(spoke_name(item))
        yield Failure(
            project=project.name,
            environment=project.environment,
            metric=metric,
            error_type=failure.get("ErrorType") or "",
            error_message=failure.get("ErrorMessage") or "",
            time=parse_instant(failure.get("ExtractionDate")),
            refresh_id=failure.get("RefreshId"),
        )


def current_failures(item: Mapping[str, Any], newest: Mapping[str, datetime]) -> Iterator[Failure]:
    """Yield the failures in a spoke's item that are still current, sorted by metric.

    A failure is not current if the metric has a newer value or has had nothing to report since, or if the spoke no
    longer has the metric.

    Args:
        item: an item of the spokes table without odd attributes, with `Project`, `Failures`, `Metrics` and the
            attributes that `current_reasons` reads.
        newest: metric name -> date of its newest value.
    """
    deployed = item.get("Metrics")
    reasons = current_reasons(item, newest)
    for failure in failures_of(item, "Failures"):
        metric, time = failure.metric, failure.time
        later = (newest.get(metric), reasons[metric].at if metric in reasons else None)
        is_past = time is not None and any(one is not None and one >= time for one in later)
        if is_past or (deployed is not None and instance_of(metric) not in deployed):
            continue
        yield failure


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a metric has no value to report.

    Attributes:
        reason: what the metric said.
        at: the start of the extraction that said so, in UTC.
    """

    reason: str
    at: datetime


def current_reasons(item: Mapping[str, Any], newest: Mapping[str, datetime]) -> dict[str, Reason]:
    """Return the metrics that have nothing to report now: those without a newer value or failure.

    Args:
        item: an item of the spokes table without odd attributes, with `NothingToReport`, `NothingToReportAt`,
            `Failures` and `Metrics`.
        newest: metric name -> date of its newest value.
    """
    deployed, failures, began = item.get("Metrics"), item.get("Failures", {}), item.get("NothingToReportAt", {})
    found: dict[str, Reason] = {}
    for metric, reason in sorted(item.get("NothingToReport", {}).items()):
        at = parse_instant(began.get(metric))
        if at is None or (deployed is not None and instance_of(metric) not in deployed):
            continue
        later = (newest.get(metric), parse_instant(failures.get(metric, {}).get("ExtractionDate")))
        if not any(one is not None and one > at for one in later):
            found[metric] = Reason(reason, at)
    return found


def is_gone(item: Mapping[str, Any], metric: str, time: datetime | None) -> bool:
    """Return whether a spoke no longer has a metric: its last run does not list it, and no value is newer than the run.

    A metric with run-time arguments belongs to the metric that the spoke deploys.

    Args:
        item: the spoke's item in the spokes table, with `Metrics` and `LastSeen`; empty if it sends no run events.
        metric: the metric's name.
        time: the date of its newest value. Another producer of the spoke's account may have sent it.
    """
    last_run = parse_instant(item.get("LastSeen"))
    deployed = item.get("Metrics")
    return deployed is not None and instance_of(metric) not in deployed and not (time and last_run and time > last_run)


def read_reports(installation: Installation) -> Iterator[dict[str, Any]]:
    """Yield `Project`, `Failures`, `Metrics`, `LastSeen`, and what has nothing to report, of each spoke."""
    return scan(
        installation.client("dynamodb"),
        installation.table("spokes"),
        ProjectionExpression="#project, Failures, #metrics, LastSeen, NothingToReport, NothingToReportAt",
        ExpressionAttributeNames={"#project": "Project", "#metrics": "Metrics"},
    )
