"""`Hub`: reads the tables of a hub, and requests fresh values."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from ds_dashboard import canonical_json, dates
from ds_dashboard.client import export, forget, table_import
from ds_dashboard.client.errors import HubError
from ds_dashboard.client.forget import Forgotten
from ds_dashboard.client.installation import Installation
from ds_dashboard.client.items import OddAttributes
from ds_dashboard.client.latest import LatestValue, read_latest, read_metric_names
from ds_dashboard.client.refresh import Refresh
from ds_dashboard.client.request import Request, request_refresh
from ds_dashboard.client.rows import RowList, RowStream
from ds_dashboard.client.selection import Selection, When, instant, period, unique_names
from ds_dashboard.client.settings import HubSettings, read_settings, registered_spokes
from ds_dashboard.client.spokes import Failure, Spoke, read_spokes
from ds_dashboard.client.tables import SpokeFilter
from ds_dashboard.client.values import Value, read_history
from ds_dashboard.identity import Project


class Hub:
    """A hub, in the account and region that the AWS credentials belong to.

    Making a `Hub` makes no call. Each method can raise `botocore.exceptions.ClientError` (AWS answered with an error:
    a missing permission, a table that does not exist, throttling) and `botocore.exceptions.BotoCoreError` (there was no
    answer: no credentials, no region, no network). The methods list only the errors that are their own.

    Where an argument selects names (`metrics`, `projects`, `environments`), it takes one name or at most 100, and
    selects all if it is left out or empty. More names are a `ValueError`.

    Args:
        name: the installation, `name` in the Terraform modules.
        profile: a profile of the AWS configuration; None for boto3's default.
        region: the hub's region; None for boto3's default.
        warn: receives a sentence if an answer is less complete than it could be: the caller may not read a setting of
            the hub or its registrations, the tables hold something that no archive wrote, or a spoke has too many
            values. By default a Python warning.
    """

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

    def __repr__(self) -> str:
        return f"Hub(name={self.name!r}, profile={self.installation.profile!r})"

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
    ) -> RowList[LatestValue]:
        """Read the newest value of each metric of each spoke, and the metrics that fail or have nothing to report.

        Args:
            metrics: names of metrics.
            projects: names of projects.
            environments: names of environments.
            stale_after: the age from which a value is marked as stale; None for the hub's `silent_after`.

        Returns:
            One row per spoke and metric, sorted. A metric that never had a value, and fails or has nothing to report,
            has a row without a value.
        """
        if stale_after is None:
            stale_after = self.settings.silent_after
        spoke_filter = SpokeFilter(unique_names(projects), unique_names(environments))
        names, odd = unique_names(metrics), OddAttributes()
        rows = read_latest(
            self.installation, spoke_filter, names, self.registered(), stale_after, dates.now(), odd, self._warn
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
        self, *, projects: Selection = (), environments: Selection = (), silent_after: timedelta | None = None
    ) -> RowList[Spoke]:
        """Read every spoke that is registered or has reported.

        Args:
            projects: names of projects.
            environments: names of environments.
            silent_after: the age from which a spoke counts as silent; None for the hub's `silent_after`.

        Returns:
            One row per spoke, sorted by name.
        """
        registered = self.registered()
        if silent_after is None:
            silent_after = self.settings.silent_after
        spoke_filter = SpokeFilter(unique_names(projects), unique_names(environments))
        odd = OddAttributes()
        rows = read_spokes(self.installation, registered, spoke_filter, silent_after, dates.now(), odd)
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

    def refresh(
        self,
        metrics: Selection = (),
        *,
        projects: Selection = (),
        environments: Selection = (),
        arguments: Mapping[str, Mapping[str, str]] | None = None,
        as_of: When = None,
        wait: bool = False,
        timeout: float = 300.0,
    ) -> Refresh:
        """Request fresh values from the registered spokes.

        Args:
            metrics: the metrics to compute.
            projects: the projects to request them from.
            environments: the environments to request them from.
            arguments: metric -> argument -> value: the arguments to compute metrics with, which a spoke allows with
                `at_runtime`. Values are strings. Without `metrics`, only these are computed. Their values are series of
                their own, such as `Owner(parameter_name=/b)`.
            as_of: a past instant to compute values for, or a duration back from now. Only metrics that are declared
                `historical` can be computed for it.
            wait: return only when every requested spoke has responded and its values are in the tables.
            timeout: seconds to wait at most.

        Returns:
            The refresh. Without `wait`, its `wait` method waits later.

        Raises:
            RefreshError: no registered spoke matches or has a metric, an argument or the instant is not valid, or the
                hub's refresh function failed.
            RefreshTimeout: a spoke has not responded in time, or some of its values have not arrived.
        """
        spoke_filter = SpokeFilter(unique_names(projects), unique_names(environments))
        request = Request(spoke_filter, unique_names(metrics), arguments or {}, instant(as_of))
        requested = request_refresh(self.installation, self.registered(), request, self._warn)
        return requested.wait(timeout) if wait else requested

    def export(
        self,
        path: str | os.PathLike[str],
        metrics: Selection = (),
        *,
        since: When = None,
        until: When = None,
        projects: Selection = (),
        environments: Selection = (),
        format: str | None = None,  # noqa: A002 - the name that users know from the command
        raw: bool = False,
    ) -> int:
        """Write the values of a period to a file, which is put in place when it is complete.

        Args:
            path: the file. An existing file is replaced. It is compressed if its name ends with `.gz`.
            metrics: as for `history`.
            since: as for `history`.
            until: as for `history`.
            projects: as for `history`.
            environments: as for `history`.
            format: `csv`, `parquet` or `json` (one object a line); None to derive it from the file's suffix.
            raw: CSV only: leave texts that a spreadsheet would evaluate as they are. `read_csv` restores the others.

        Returns:
            The number of values.

        Raises:
            MissingDependency: Parquet needs pyarrow.
            ExportError: a value cannot be written in this format.
            OSError: the file cannot be written.
            ValueError: there is no such format, no format has the file's suffix, or the period is not valid.
        """
        kind, file = format or export.file_format(path), Path(path)
        rows = self.history(metrics, since=since, until=until, projects=projects, environments=environments)
        with export.replacing(file) as whole, export.compressing(file, whole) as content:
            return export.write_values(rows, export.open_writer(kind, content, raw=raw))

    def import_results(
        self,
        items: Iterable[Mapping[str, Any]],
        *,
        dry_run: bool = False,
        progress: Callable[[table_import.ImportSummary], None] | None = None,
    ) -> table_import.ImportSummary:
        """Send results of another source to the archive. It archives each one once, however often it is sent.

        Args:
            items: each with the attributes of a result: `MetricName`, `MetricValue`, `ExtractionDate`, `Metadata`,
                `ProjectName` and `Environment`.
            dry_run: check the items, and send nothing.
            progress: receives the counts after each batch.

        Returns:
            How many items were sent, and why others were not.

        Raises:
            HubError: the caller may not read the registrations.
            ImportFailed: the archive's queue does not accept some of the messages.
        """
        registered = self._registered_or_fail("it contains the account of each project")
        return table_import.import_results(
            self.installation, items, registered, dates.now(), dry_run, progress or (lambda _: None)
        )

    def forget(
        self,
        spoke: str,
        metrics: Selection = (),
        *,
        history: bool = False,
        dry_run: bool = False,
        progress: Callable[[int], None] | None = None,
    ) -> Forgotten:
        """Remove a spoke that is gone, or metrics that a spoke no longer has, from what the hub shows.

        A later redrive or replay of older events brings them back if the spoke is registered then.

        Args:
            spoke: `<project>/<environment>`.
            metrics: names of metrics; without any, the spoke with all its metrics.
            history: remove their values from the history too.
            dry_run: return what would go, and remove nothing.
            progress: receives the number of values of the history that are counted or removed so far.

        Returns:
            What went, or would go.

        Raises:
            HubError: the spoke is still registered or still has a metric, there is nothing to forget, or the caller may
                not read the registrations.
            ValueError: `spoke` is not a project and an environment.
        """
        return forget.forget(
            self.installation,
            Project.parse(canonical_json.exact_text(spoke)),
            unique_names(metrics),
            self._registered_or_fail("it lists the spokes that are registered"),
            self.settings.path,
            history=history,
            dry_run=dry_run,
            progress=progress or (lambda _: None),
        )

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
