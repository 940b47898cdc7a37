"""`Hub`: reads the tables of a hub, requests values, and exports, imports and forgets them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ds_dashboard import canonical_json, dates
from ds_dashboard.client import backfill, export, forget, table_import
from ds_dashboard.client.backfill import Backfill
from ds_dashboard.client.forget import Forgotten
from ds_dashboard.client.reader import HubReader
from ds_dashboard.client.refresh import Refresh
from ds_dashboard.client.request import Request, request_refresh
from ds_dashboard.client.selection import Selection, When, instant, unique_names
from ds_dashboard.client.tables import SpokeFilter
from ds_dashboard.identity import Project


class Hub(HubReader):
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

    def __repr__(self) -> str:
        return f"Hub(name={self.name!r}, profile={self.installation.profile!r})"

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

    def backfill(
        self,
        metrics: Selection,
        *,
        since: datetime | timedelta,
        until: When = None,
        every: timedelta = timedelta(days=1),
        projects: Selection = (),
        environments: Selection = (),
        manifest: Mapping[str, Any] | None = None,
        dry_run: bool = False,
        pause: float = 0.0,
        timeout: float = 300.0,
        progress: Callable[[Backfill], None] | None = None,
    ) -> Backfill:
        """Request the values of past instants that the history does not have, from the newest instant to the oldest.

        If it was interrupted, call it again: only what is still missing is requested.

        Args:
            metrics: names of metrics that are declared `historical`.
            since: the start of the period: an instant (UTC if it names no zone), or a duration back from now.
            until: the end of the period, in the same forms; it does not belong to the period.
            every: the time between two instants; of whole days, each instant is midnight in UTC.
            projects: names of projects.
            environments: names of environments.
            manifest: `metrics` of a manifest, with what is historical and what values cost. Without it, the spokes say
                what is historical, and the cost is not known.
            dry_run: return what would be requested, and request nothing.
            pause: seconds between two instants.
            timeout: seconds to wait at most for the responses to an instant.
            progress: receives the backfill whenever something has arrived.

        Returns:
            The backfill, with what has arrived, and why the rest has not. With `dry_run`, its `run` runs it.

        Raises:
            RefreshError: no registered spoke matches or has a metric, a metric is not historical, or the hub's refresh
                function failed.
            ValueError: no metric is named, or the period is not valid.
        """
        names = unique_names(metrics)
        if not names:
            raise ValueError("a backfill needs the names of metrics")
        start, end, now = instant(since), instant(until), dates.now()
        assert start is not None
        planned = backfill.plan(
            self.installation,
            self.registered(),
            SpokeFilter(unique_names(projects), unique_names(environments)),
            names,
            backfill.aligned_instants(start, min(end or now, now), every),
            manifest or {},
            self._warn,
        )
        return planned if dry_run else planned.run(pause=pause, timeout=timeout, progress=progress)

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
            format: `csv`, `parquet`, `sqlite` or `json` (one object a line); None to derive it from the file's suffix.
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
