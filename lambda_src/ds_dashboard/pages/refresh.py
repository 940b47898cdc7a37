"""The request for fresh values: what a page offers, and what of it the snapshot has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from ds_dashboard.pages.index import Filter, Index
from ds_dashboard.pages.overview import are_names, printable
from ds_dashboard.series import instance_of
from ds_dashboard.text import visible


@dataclass(frozen=True, slots=True)
class Wanted:
    """The values that are requested: of a metric, of a project, or of both; what is empty selects all."""

    metric: str = ""
    project: str = ""
    environment: str = ""

    def __str__(self) -> str:
        spoke = "/".join(part for part in (self.project, self.environment) if part)
        return visible(" of ".join(part for part in (self.metric, spoke) if part))

    @property
    def field(self) -> str:
        """The field of the form that requests it, quoted: a browser changes line breaks and NUL in a form."""
        parts = {"metric": self.metric, "project": self.project, "environment": self.environment}
        return urlencode({name: value for name, value in parts.items() if value})

    @property
    def command(self) -> list[str]:
        """The words of the command that requests the same; none if an option cannot name it."""
        options = (("--metrics", self.metric), ("--projects", self.project), ("--environments", self.environment))
        given = [option for option in options if option[1]]
        words = ["ds-dashboard", "refresh", *(word for option in given for word in option)]
        return printable(words) if are_names(name for _, name in given) else []


@dataclass(frozen=True, slots=True)
class Requested:
    """A refresh that the hub has accepted since it was read."""

    wanted: Wanted
    at: datetime
    refresh_id: str


def offered(wanted: Wanted) -> Wanted | None:
    """Return what a page offers to request; None for a series with arguments, which only a command can name."""
    return None if instance_of(wanted.metric) != wanted.metric else wanted


def wanted_of(field: str, index: Index) -> Wanted | None:
    """Return what the field of a form requests; None unless it names a metric or a project, and the hub has all."""
    parts = dict(parse_qsl(field))
    wanted = Wanted(parts.get("metric", ""), parts.get("project", ""), parts.get("environment", ""))
    if not (wanted.metric or wanted.project) or offered(wanted) is None:
        return None
    chosen = Filter(metric=wanted.metric, project=wanted.project, environment=wanted.environment)
    return wanted if index.count(chosen) else None
