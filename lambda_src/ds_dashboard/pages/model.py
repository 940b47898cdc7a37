"""What pages show of a hub, as plain values. Whoever makes pages reads it through `ds_dashboard.client`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from ds_dashboard.states import State


class Unread(Exception):
    """A part of a page cannot be read; the text says why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The newest state of a metric of a spoke.

    Attributes:
        project: `ProjectName` of the spoke.
        environment: `Environment` of the spoke.
        metric: the metric's name.
        value: the newest value, exact; None if there never was one.
        unit: its unit.
        time: when it was extracted, in UTC.
        state: whether it is fresh, and if not, why.
        error_type: of a failing metric.
        error_message: the cause and the fix of a failing metric.
        since: when a failing metric had its last value; when its last failure was reported if it never had one.
        reason: of a metric that has nothing to report.
        account: the account ID that sent it.
        above: the upper limit of its threshold; None without one.
        below: the lower limit of its threshold; None without one.
        crossed: when its values crossed the threshold; None if they have not.
    """

    project: str
    environment: str
    metric: str
    value: Decimal | str | None
    unit: str | None
    time: datetime | None
    state: State
    error_type: str = ""
    error_message: str = ""
    since: datetime | None = None
    reason: str = ""
    account: str = ""
    above: Decimal | None = None
    below: Decimal | None = None
    crossed: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokeRow:
    """A spoke: where it is, and when it last reported."""

    project: str
    environment: str
    account: str
    region: str
    state: str
    last_seen: datetime | None
    emitted: int | None
    failed: int | None
    metrics: int | None
    package_version: str | None
    schedule: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What the manifest says of a metric.

    Attributes:
        text: one sentence.
        family: the name of its file, such as `training`.
        dimensions: the names by which its value is split.
    """

    text: str = ""
    family: str = "other"
    dimensions: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What was read of a hub.

    Attributes:
        hub: the installation's name.
        account: the hub's account ID.
        region: the hub's region.
        read_at: when it was read, in UTC.
        series: all series.
        spokes: all spokes.
        descriptions: metric -> what the manifest says of it.
        unread: what could not be read, as sentences for people.
        is_demo: whether the data are made up.
        options: with which a command reads the same hub.
        projects: the projects that were read; empty for all.
        has_series: whether the newest values could be read; without, `series` is empty.
        has_spokes: whether the spokes could be read; without, `spokes` is empty, and no series is failing or silent.
    """

    hub: str
    account: str
    region: str
    read_at: datetime
    series: Sequence[Series]
    spokes: Sequence[SpokeRow]
    descriptions: Mapping[str, Description] = field(default_factory=dict)
    unread: Sequence[str] = ()
    is_demo: bool = False
    options: Sequence[str] = ()
    projects: Sequence[str] = ()
    has_series: bool = True
    has_spokes: bool = True

    @property
    def is_complete(self) -> bool:
        """Whether newest values and spokes could be read: nobody knows without either what fails."""
        return self.has_series and self.has_spokes


@dataclass(frozen=True, slots=True)
class Point:
    """A value of a series in its history: exact, with its time in UTC."""

    time: datetime
    value: Decimal | str
    breakdown: Sequence[Mapping[str, object]] = ()
    refresh_id: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """The part of the history on a page: `since` belongs to it, and `until` does not."""

    name: str
    since: datetime
    until: datetime

    @property
    def last(self) -> datetime:
        """The last instant that belongs to it."""
        return self.until - timedelta(microseconds=1)
