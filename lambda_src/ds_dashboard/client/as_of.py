"""A refresh as of a past instant: its values go into the history, and its run is apart from the spoke's latest run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ds_dashboard import dates
from ds_dashboard.client.installation import Installation
from ds_dashboard.client.refresh import Refresh, Response, reporting_spokes, spoke_items
from ds_dashboard.client.spokes import failures_of
from ds_dashboard.client.tables import SpokeFilter, parse_instant, project_of, query, spoke_name
from ds_dashboard.identity import Project
from ds_dashboard.series import series_name

# How far the archive moves a value whose key is taken, and earlier versions of it.
_MAX_MOVE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Series:
    """The series that a refresh as of an instant writes to.

    Attributes:
        instant: the instant.
        metrics: the metrics that are computed; empty for all that a spoke has.
        arguments: metric -> argument -> value.
    """

    instant: datetime
    metrics: tuple[str, ...]
    arguments: Mapping[str, Mapping[str, str]]

    def of(self, deployed: Sequence[str]) -> list[str]:
        """Return the names of the series of a spoke that has these metrics."""
        return [series_name(metric, self.arguments.get(metric, {})) for metric in self.metrics or deployed]


class PastRefresh(Refresh):
    """A refresh as of a past instant that the hub has accepted."""

    def __init__(
        self,
        installation: Installation,
        answer: Mapping[str, Any],
        spoke_filter: SpokeFilter,
        registered: Mapping[str, str] | None,
        series: Series,
        before: Mapping[str, str],
    ) -> None:
        """Remember what was requested, and how the hub answered.

        Args:
            installation: the hub.
            answer: `RefreshId` and `EventId`, as the refresh function returned them.
            spoke_filter: the spokes that are requested.
            registered: `<ProjectName>/<Environment>` -> account ID or bus ARN; None if the caller may not read it.
            series: what they compute.
            before: spoke -> the end of its last run as of an instant before this request.
        """
        super().__init__(installation, answer, spoke_filter, registered)
        self._series, self._before = series, before
        self._arrived: dict[str, set[str]] = {}

    def _run_of(self, spoke: str, item: Mapping[str, Any]) -> Mapping[str, Any] | None:
        # Whoever requests the same instant again uses the same ID.
        run: Mapping[str, Any] = item.get("AsOf", {})
        is_new = run.get("RefreshId") == self.refresh_id and run.get("FinishedAt") != self._before.get(spoke)
        return run if is_new else None

    def _read_outcomes(self, spoke: str, response: Response, run: Mapping[str, Any], item: Mapping[str, Any]) -> None:
        response.nothing_to_report = run.get("NothingToReport", {})
        arrived = self._arrived.setdefault(spoke, set())
        for name in self._series.of(item.get("Metrics", ())):
            if name not in arrived and has_value(self._installation, project_of(spoke), name, self._series.instant):
                arrived.add(name)
        # An earlier request for the same instant may have failed.
        response.failures = [
            failure
            for failure in failures_of(item, "AsOfFailures")
            if failure.refresh_id == self.refresh_id
            and failure.metric not in arrived
            and failure.metric not in response.nothing_to_report
        ]
        response.arrived = len(arrived) + len(response.failures)


def finished_before(
    installation: Installation, registered: Mapping[str, str] | None, spoke_filter: SpokeFilter
) -> dict[str, str]:
    """Return when the last run of each spoke as of an instant ended, in the form of the event contract."""
    spokes = reporting_spokes(installation) if registered is None else registered
    items = spoke_items(installation, [spoke for spoke in spokes if spoke_filter.matches(spoke)])
    return {spoke_name(item): str(item["AsOf"].get("FinishedAt")) for item in items if "AsOf" in item}


def has_value(installation: Installation, project: Project, series: str, instant: datetime) -> bool:
    """Return whether the history has a value of a series for an instant."""
    return instant in instants_with_values(installation, project, series, instant, instant)


def instants_with_values(
    installation: Installation, project: Project, series: str, first: datetime, last: datetime
) -> set[datetime]:
    """Return the instants from `first` to `last` for which the history has a value of a series."""
    items = query(
        installation.client("dynamodb"),
        installation.table("metrics"),
        IndexName="BySeries",
        KeyConditionExpression="Series = :series AND ExtractionDate BETWEEN :first AND :last",
        ExpressionAttributeValues={
            ":series": {"S": project.series(series)},
            ":first": {"S": dates.format_instant(first)},
            ":last": {"S": dates.format_instant(last + _MAX_MOVE)},
        },
        ProjectionExpression="ExtractionDate, SentExtractionDate",
    )
    found = (parse_instant(item.get("SentExtractionDate", item["ExtractionDate"])) for item in items)
    return {instant for instant in found if instant is not None and first <= instant <= last}
