"""Reading a hub: its settings, its spokes, the newest values, and the history."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Self

from ds_dashboard import dates
from ds_dashboard.client.errors import HubError
from ds_dashboard.client.installation import Installation
from ds_dashboard.client.items import OddAttributes
from ds_dashboard.client.latest import LatestValue, Limits, read_latest, read_limits, read_metric_names
from ds_dashboard.client.newest import Sample, read_newest, read_newest_of
from ds_dashboard.client.rows import RowList, RowStream
from ds_dashboard.client.selection import Selection, When, period, unique_names
from ds_dashboard.client.settings import HubSettings, read_settings, registered_spokes
from ds_dashboard.client.spokes import Failure, Spoke, read_spokes
from ds_dashboard.client.tables import SpokeFilter
from ds_dashboard.client.values import Value, read_history
from ds_dashboard.identity import Project


class HubReader:
    """What can be read from the tables of a hub; `Hub` describes the arguments."""

    def __init__(
        self,
        name: str = "ds-dashboard",
        profile: str | None = None,
        region: str | None = None,
        *,
        warn: Callable[[str], None] | None = None,
    ) -> None:
        self.installation = Installation(name, profile, region)
        self._warn = warn or _warn

    @classmethod
    def of(cls, installation: Installation, *, warn: Callable[[str], None] | None = None) -> Self:
        """Return the hub of an installation, which shares its clients."""
        hub = cls(installation.name, warn=warn)
        hub.installation = installation
        return hub

    @property
    def name(self) -> str:
        """The name of the installation."""
        return self.installation.name

    @cached_property
    def settings(self) -> HubSettings:
        """The settings of the deployed hub, read once."""
        return read_settings(self.installation, self._warn)

    def registered(self) -> dict[str, str] | None:
        """Read the spokes that are registered in Parameter Store.

        Returns:
            `<project>/<environment>` -> account ID or bus ARN, sorted; None if the caller may not read them.
        """
        return registered_spokes(self.installation, self.settings.path, self._warn)

    def latest(
        self,
        metrics: Selection = (),
        *,
        projects: Selection = (),
        environments: Selection = (),
        stale_after: timedelta | None = None,
        details: bool = True,
        runs: bool = True,
    ) -> RowList[LatestValue]:
        """Read the newest value of each metric of each spoke, and the metrics that fail or have nothing to report.

        Args:
            metrics: names of metrics.
            projects: names of projects.
            environments: names of environments.
            stale_after: the age from which a value is marked as stale; None for the hub's `silent_after`.
            details: False leaves out `breakdown`, `metadata`, `refresh_id`, `region` and `item`, for very many values.
            runs: False does not read the spokes table, for a caller who may not: no row then says that its metric
                fails, has nothing to report, or is gone, and there are no rows of metrics that never had a value.

        Returns:
            One row per spoke and metric, sorted. A metric that never had a value, and fails or has nothing to report,
            has a row without a value.
        """
        if stale_after is None:
            stale_after = self.settings.silent_after
        spoke_filter = SpokeFilter(unique_names(projects), unique_names(environments))
        names, odd = unique_names(metrics), OddAttributes()
        rows = read_latest(
            self.installation,
            spoke_filter,
            names,
            self.registered(),
            stale_after,
            dates.now(),
            odd,
            self._warn,
            details=details,
            runs=runs,
        )
        self._warn_of(odd)
        return RowList(LatestValue, rows)

    def history(
        self,
        metrics: Selection = (),
        *,
        since: When = None,
        until: When = None,
        projects: Selection = (),
        environments: Selection = (),
    ) -> RowStream[Value]:
        """Read all values of a period.

        The rows are read while you iterate, so the history can have any size.

        Args:
            metrics: names of metrics. Without any, the complete table is read.
            since: the first instant of the period: an instant (UTC if it names no zone), or a duration back from now.
            until: the end of the period, in the same forms; it does not belong to the period.
            projects: names of projects.
            environments: names of environments.

        Returns:
            One metric after the other, the oldest value of each first; without `metrics`, in no order.

        Raises:
            ValueError: the period ends before it begins, or its bounds are out of range.
        """
        spoke_filter = SpokeFilter(unique_names(projects), unique_names(environments))
        start, end = period(since, until)
        return RowStream(Value, self._history(unique_names(metrics), spoke_filter, start, end))

    def newest(
        self,
        project: str,
        environment: str,
        metric: str,
        *,
        count: int = 32,
        since: When = None,
        until: When = None,
    ) -> list[Sample]:
        """Read the last values of one series, oldest first, with one call.

        Args:
            project: the project.
            environment: the environment.
            metric: the metric's name.
            count: how many values at most.
            since: as for `history`.
            until: as for `history`.

        Raises:
            ValueError: the period ends before it begins, or its bounds are out of range.
        """
        odd = OddAttributes()
        start, end = period(since, until)
        found = read_newest(self.installation, Project(project, environment), metric, count, start, end, odd)
        self._warn_of(odd)
        return found

    def newest_of(
        self, metric: str, spokes: Collection[str], *, count: int = 32, since: When = None, until: When = None
    ) -> Mapping[str, list[Sample]]:
        """Read the last values of a metric of many spokes, as long as that is cheaper than `newest` for each.

        Args:
            metric: the metric's name.
            spokes: `<project>/<environment>` of each spoke.
            count: how many values of each at most.
            since: as for `history`.
            until: as for `history`.

        Returns:
            Spoke -> its last values, oldest first. A spoke that is cheaper to read with `newest` is left out.

        Raises:
            ValueError: the period ends before it begins, or its bounds are out of range.
        """
        odd = OddAttributes()
        start, end = period(since, until)
        found = read_newest_of(self.installation, metric, spokes, count, start, end, odd)
        self._warn_of(odd)
        return found

    def limits(self, metric: str, spokes: Sequence[str]) -> Mapping[str, Limits]:
        """Read the limits of the thresholds that the newest values of a metric were compared with, with one call.

        Args:
            metric: the metric's name.
            spokes: `<project>/<environment>` of each spoke; the first 100 are read.

        Returns:
            Spoke -> limits, for the spokes that have any; empty if the caller may not read them.
        """
        odd = OddAttributes()
        found = read_limits(self.installation, metric, spokes, odd, self._warn)
        self._warn_of(odd)
        return found

    def _history(
        self, metrics: tuple[str, ...], spoke_filter: SpokeFilter, since: datetime | None, until: datetime | None
    ) -> Iterator[Value]:
        odd = OddAttributes()
        yield from read_history(self.installation, metrics, spoke_filter, since, until, odd)
        self._warn_of(odd)

    def metrics(self) -> list[str]:
        """Read the names of the metrics that ever had a value, sorted; of a very large table, only some of them."""
        return sorted(read_metric_names(self.installation))

    def spokes(
        self,
        *,
        projects: Selection = (),
        environments: Selection = (),
        silent_after: timedelta | None = None,
        values: bool = True,
    ) -> RowList[Spoke]:
        """Read every spoke that is registered or has reported.

        Args:
            projects: names of projects.
            environments: names of environments.
            silent_after: the age from which a spoke counts as silent; None for the hub's `silent_after`.
            values: False does not read the latest table, for a caller who may not: a spoke was then last seen at the
                end of its last run, and no row says which metrics fail or have nothing to report.

        Returns:
            One row per spoke, sorted by name.
        """
        registered = self.registered()
        if silent_after is None:
            silent_after = self.settings.silent_after
        spoke_filter = SpokeFilter(unique_names(projects), unique_names(environments))
        odd = OddAttributes()
        rows = read_spokes(self.installation, registered, spoke_filter, silent_after, dates.now(), odd, values=values)
        self._warn_of(odd)
        return RowList(Spoke, rows)

    def failures(
        self, metrics: Selection = (), *, projects: Selection = (), environments: Selection = ()
    ) -> RowList[Failure]:
        """Read the metrics that fail now: those without a newer value since their last failure.

        Args:
            metrics: names of metrics.
            projects: names of projects.
            environments: names of environments.

        Returns:
            One row per spoke and failing metric, sorted.
        """
        rows = self.latest(metrics, projects=projects, environments=environments)
        return RowList(Failure, [row.failure for row in rows if row.failure])

    def _warn_of(self, odd: OddAttributes) -> None:
        if sentence := odd.describe():
            self._warn(sentence)

    def _registered_or_fail(self, purpose: str) -> dict[str, str]:
        registered = self.registered()
        if registered is None:
            path = self.settings.path
            raise HubError(path, f"cannot be read, and {purpose}.", "Ask for ssm:GetParametersByPath on it.")
        return registered


def _warn(text: str) -> None:
    warnings.warn(text, stacklevel=3)
