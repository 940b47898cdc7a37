"""Silent spokes: registered in Parameter Store, but without an event for too long, or ever.

What can be read in time is counted. One spoke with very much data, or a table that cannot be read, hides no other spoke
that is silent.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from ds_dashboard import aws, dates, emf
from ds_dashboard.deadline import Deadline
from ds_dashboard.hub import calls
from ds_dashboard.hub.settings import WatchSettings
from ds_dashboard.identity import MAX_SPOKE_PAGES, Project, Registered, registration_fault
from ds_dashboard.text import pluralize

log = logging.getLogger(__name__)

# What reading the spokes table may use of the time.
_SPOKES_SHARE = 0.5


class Silent(NamedTuple):
    """A registered spoke that is silent.

    Attributes:
        project: `<ProjectName>/<Environment>`, as registered.
        last_seen: when its last extraction ended, in the form of the event contract; None if it never sent anything.
    """

    project: str
    last_seen: str | None


class NotWatched(RuntimeError):
    """A table or a spoke could not be read; the message says which and why. All others were checked and counted."""


@dataclass(slots=True)
class _Search:
    """The search for a spoke's newest value in the latest table, page by page.

    Attributes:
        project: `<ProjectName>/<Environment>`, as registered.
        key: its hash key; None if the parameter's name has another form, so that no event can arrive for it.
        last_seen: the date of the newest event that was found so far.
        start: where the next page begins; None for the first one.
        pages: how many pages were read.
        fault: why the spoke could not be read; empty if it could.
    """

    project: str
    key: str | None
    last_seen: str | None
    start: dict[str, Any] | None = None
    pages: int = 0
    fault: str = ""

    @property
    def has_next(self) -> bool:
        """Whether there is a page to read, within the limit."""
        is_open = self.key is not None and not self.fault and self.pages < MAX_SPOKE_PAGES
        return is_open and (self.pages == 0 or self.start is not None)

    def read_page(self, table: str, deadline: Deadline) -> None:
        """Read the next page of the spoke's values."""
        page = calls.call(
            aws.client("dynamodb", brief=True).query,
            deadline,
            TableName=table,
            KeyConditionExpression="#project = :project",
            ExpressionAttributeNames={"#project": "Project"},
            ExpressionAttributeValues={":project": {"S": self.key}},
            ProjectionExpression="ExtractionDate",
            **({"ExclusiveStartKey": self.start} if self.start else {}),
        )
        found = [_text(item, "ExtractionDate") for item in page["Items"]]
        self.last_seen = max(filter(None, [*found, self.last_seen]), default=None)
        self.start = page.get("LastEvaluatedKey")
        self.pages += 1


def watch(settings: WatchSettings, now: datetime, deadline: Deadline) -> list[Silent]:
    """Find the registered spokes that are silent, log each one, and count them in the metric `SilentSpokes`.

    Args:
        settings: what to compare, and after which time a spoke counts as silent.
        now: the present instant.
        deadline: when to stop reading.

    Returns:
        The silent spokes, sorted by project.

    Raises:
        NotWatched: a table or a spoke could not be read, or not in time. All others are counted.
        botocore.exceptions.ClientError: the registered spokes could not be read. Nothing is counted then.
    """
    oldest = dates.format_instant(now - settings.silent_after)
    registered = dict(sorted(_registered(settings.monitored_projects_path)))
    seen, fault = _last_seen(settings.spokes_table, deadline.share(_SPOKES_SHARE))
    # Producers that only put values on the bus send no run events.
    searches = [
        _Search(project, _key(project), seen.get(project)) for project in registered if seen.get(project, "") < oldest
    ]
    _read_values(searches, settings.latest_table, oldest, deadline)
    silent = []
    for search in searches:
        if fault and search.project not in seen:
            search.fault = search.fault or "its item in the spokes table was not read"
        if not search.fault and (search.last_seen or "") < oldest:
            silent.append(Silent(search.project, search.last_seen))
    for spoke in silent:
        fields = {"event": "silent", "project": spoke.project, "last_seen": spoke.last_seen}
        # Nothing of such a spoke is archived, whatever it sends.
        if reason := registration_fault(registered[spoke.project]):
            fields["registration"] = f"the parameter {reason}"
        log.warning("silent spoke", extra=fields)
    emf.count(settings.name, {"SilentSpokes": len(silent)})
    unknown = [search for search in searches if search.fault and (search.last_seen or "") < oldest]
    if fault or unknown:
        which = [f"{search.project} ({search.fault})" for search in unknown[:3]]
        raise NotWatched(
            f"{fault or settings.latest_table}: {pluralize(len(unknown), 'spoke')} not checked: {', '.join(which)}"
        )
    return silent


def _registered(path: str) -> Iterator[tuple[str, str]]:
    for page in aws.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True):
        for parameter in page["Parameters"]:
            yield parameter["Name"].removeprefix(f"{path}/"), Registered.text_of(parameter)


def _key(project: str) -> str | None:
    try:
        return Project.parse(project).key
    except ValueError:
        return None


def _last_seen(table: str, deadline: Deadline) -> tuple[dict[str, str], str]:
    """Return `<ProjectName>/<Environment>` -> end of its last extraction, and why the table was not read to its end."""
    seen: dict[str, str] = {}
    start: dict[str, Any] = {}
    scan = aws.client("dynamodb", brief=True).scan
    while True:
        try:
            page = calls.call(
                scan, deadline, TableName=table, ProjectionExpression="ProjectName, Environment, LastSeen", **start
            )
        except (ClientError, BotoCoreError) as error:
            return seen, f"{table} could not be read: {error}"
        for item in page["Items"]:
            # A spoke whose first run event has not arrived has failures only.
            if last_seen := _text(item, "LastSeen"):
                seen[Project(_text(item, "ProjectName"), _text(item, "Environment")).path] = last_seen
        if not page.get("LastEvaluatedKey"):
            return seen, ""
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def _text(item: Mapping[str, Any], name: str) -> str:
    """Return an attribute that the archive writes as a text; empty if another program wrote something else."""
    text: str = item.get(name, {}).get("S", "")
    return text


def _read_values(searches: list[_Search], table: str, oldest: str, deadline: Deadline) -> None:
    """Read values of each spoke until one is new enough, one page of each spoke in turn.

    A spoke with more pages than are read has sent nothing new in those, and counts as silent.
    """
    while open_searches := [one for one in searches if one.has_next and (one.last_seen or "") < oldest]:
        for search in open_searches:
            try:
                search.read_page(table, deadline)
            except (ClientError, BotoCoreError) as error:
                search.fault = str(error)
