"""Made-up data, for `ds-dashboard web --demo` and for screenshots: the same on each day, relative to the present."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from ds_dashboard.client.errors import HubError
from ds_dashboard.pages.cells import SPARK_POINTS, Key, Recent
from ds_dashboard.pages.model import Description, Point, Series, Snapshot, SpokeRow
from ds_dashboard.states import State

_PROJECTS = (
    "ads-ranking", "basket-forecast", "churn-forecast", "credit-scoring", "demand-planning", "fraud-detection",
    "image-tagging", "lead-scoring", "price-uplift", "returns-uplift", "route-ranking", "search-ranking",
    "support-triage", "yield-detection",
)  # fmt: skip
_ENVIRONMENTS = ("dev", "test", "prod")
_INSTANCES = ("ml.m5.xlarge", "ml.g5.2xlarge", "ml.c6i.2xlarge", "ml.m5.4xlarge", "ml.p4d.24xlarge")


class _Kind(NamedTuple):
    metric: str
    unit: str
    size: float
    swing: float
    whole: bool


# Name, unit, usual size in prod, how much it changes from day to day, whether it counts.
_KINDS = (
    _Kind("CompletedTrainingJobs24h", "Count", 14, 0.5, True),
    _Kind("FailedTrainingJobs24h", "Count", 1, 1.0, True),
    _Kind("TrainingBillableSeconds24h", "Seconds", 61_000, 0.5, False),
    _Kind("NumberEndPointsInService", "Count", 6, 0.15, True),
    _Kind("EndpointInvocations24h", "Count", 160_000, 0.3, True),
    _Kind("EndpointLatencyP95", "Microseconds", 74_000, 0.25, False),
    _Kind("IdleEndpoints7d", "Count", 1, 0.6, True),
    _Kind("NotebookInstancesInService", "Count", 4, 0.4, True),
    _Kind("CostMonthToDate", "USD", 420, 0.1, False),
    _Kind("ModelVersion", "None", 0, 0, False),
)
_LIMIT = Decimal(400)
_DENIED = (
    "NotebookInstancesInService needs sagemaker:ListNotebookInstances, which its role does not have. Declare it in the "
    "metric's _iam_permissions, run `make manifest package-lambdas` and apply again."
)


class DemoSource:
    """A hub that does not exist.

    Args:
        now: the instant that counts as the present.
        descriptions: metric -> what the manifest says of it.
    """

    def __init__(self, now: datetime, descriptions: Mapping[str, Description]) -> None:
        self._now = now.replace(minute=2, second=0, microsecond=0)
        self._descriptions = descriptions
        self._made: dict[tuple[Key, int], Point | None] = {}

    def snapshot(self) -> Snapshot:
        """Return the newest values and the spokes."""
        spokes = [(project, environment) for project in _PROJECTS for environment in _ENVIRONMENTS]
        return Snapshot(
            hub="ds-dashboard",
            account="111111111111",
            region="eu-west-1",
            read_at=self._now,
            series=[self._series((*spoke, kind.metric), kind) for spoke in spokes for kind in _KINDS],
            spokes=[self._spoke(*spoke) for spoke in spokes],
            descriptions={
                **self._descriptions,
                "ModelVersion": Description(text="The version of the model that serves traffic.", family="custom"),
            },
            is_demo=True,
        )

    def values_before(self, snapshot: Snapshot) -> Mapping[Key, Decimal]:
        """Return the numbers of seven days ago."""
        found = {}
        for one in snapshot.series:
            key = (one.project, one.environment, one.metric)
            point = self._point(key, 7)
            if point is not None and isinstance(point.value, Decimal):
                found[key] = point.value
        return found

    def recent(self, keys: Sequence[Key]) -> Recent:
        """Return the last values of series, oldest first."""
        return {key: self._points(key, SPARK_POINTS) for key in keys}

    def sparklines(self, keys: Sequence[Key]) -> Recent:
        """Return the last values of series, oldest first."""
        return self.recent(keys)

    def history(self, key: Key, since: datetime, until: datetime) -> Sequence[Point]:
        """Return the values of a series in a period, oldest first."""
        days = int((self._now - since) / timedelta(days=1)) + 1
        return [one for one in self._points(key, days) if since <= one.time < until]

    def refresh(self, metrics: Sequence[str], projects: Sequence[str], environments: Sequence[str]) -> str:
        """Refuse: there is nobody to ask."""
        raise HubError("refresh", "made-up data cannot be refreshed.", "Start `ds-dashboard web` without --demo.")

    def _points(self, key: Key, days: int) -> list[Point]:
        found = (self._point(key, day) for day in range(days - 1, -1, -1))
        return [one for one in found if one is not None]

    def _oldest_and_newest(self, key: Key) -> tuple[int, int]:
        """Return how many days ago a series began and ended."""
        project, environment, metric = key
        if self._is_silent(project, environment):
            return 300, 8
        if self._is_denied(key):
            return 300, 11
        if project == "yield-detection" and metric == "IdleEndpoints7d":
            return -1, 0
        if project == "price-uplift" and metric == "CostMonthToDate":
            return 300, 3
        return (90 if project == "lead-scoring" else 400), 0

    def _point(self, key: Key, day: int) -> Point | None:
        if (key, day) not in self._made:
            self._made[key, day] = self._make(key, day)
        return self._made[key, day]

    def _make(self, key: Key, day: int) -> Point | None:
        oldest, newest = self._oldest_and_newest(key)
        # A day on which the spoke did not report is a gap.
        if not newest <= day <= oldest or (day and _share(key, "gap", day) < 0.02):
            return None
        at = self._now - timedelta(days=day, minutes=_share(key, "minute", day) * 40)
        kind = next(one for one in _KINDS if one.metric == key[2])
        if kind.metric == "ModelVersion":
            first = int(_share(key, "first") * 9)
            return Point(at, f"v{first + int((400 - day) / (9 + _share(key, 'pace') * 40))}.{int(_share(key) * 3)}")
        value = self._number(key, kind, day)
        return Point(at, value, _breakdown(key, kind, value), f"demo-{day}")

    def _number(self, key: Key, kind: _Kind, day: int) -> Decimal:
        size = kind.size * {"dev": 0.35, "test": 0.2, "prod": 1.0}[key[1]] * (0.4 + 1.2 * _share(key, "size"))
        date = (self._now - timedelta(days=day)).date()
        if kind.unit == "USD":
            return Decimal(f"{size * date.day / 30 * (0.95 + 0.1 * _share(key, 'cost', day)):.2f}")
        week = 0.35 if date.weekday() >= 5 and kind.swing > 0.2 else 1.0
        wave = 1 + kind.swing * (0.6 * math.sin(day / 9 + 7 * _share(key)) + 0.8 * (_share(key, "noise", day) - 0.5))
        trend = 1 + (1.6 if key[:2] == ("route-ranking", "prod") and day < 4 and "Invocations" in kind.metric else 0)
        value = max(0.0, size * week * wave * trend)
        return Decimal(round(value)) if kind.whole else Decimal(f"{value:.1f}")

    def _is_silent(self, project: str, environment: str) -> bool:
        return (project, environment) in (("basket-forecast", "dev"), ("returns-uplift", "test"))

    def _is_denied(self, key: Key) -> bool:
        return key[2] == "NotebookInstancesInService" and key[1] == "prod" and key[0] < "f"

    def _series(self, key: Key, kind: _Kind) -> Series:
        newest = next(iter(self._points(key, 40)[-1:]), None)
        state = State.FRESH
        if self._is_silent(*key[:2]):
            state = State.SILENT
        elif self._is_denied(key):
            state = State.FAILING
        elif newest is None:
            state = State.NOTHING
        elif self._now - newest.time > timedelta(hours=26):
            state = State.STALE
        limit = _LIMIT if (kind.metric, key[1]) == ("CostMonthToDate", "prod") else None
        crossed = (
            limit is not None and newest is not None and isinstance(newest.value, Decimal) and newest.value > limit
        )
        if crossed and state is State.FRESH:
            state = State.ABOVE
        failing = state is State.FAILING
        return Series(
            project=key[0],
            environment=key[1],
            metric=key[2],
            value=newest.value if newest else None,
            unit=kind.unit,
            time=newest.time if newest else None,
            state=state,
            error_type="MetricDenied" if failing else "",
            error_message=_DENIED if failing else "",
            since=newest.time if failing and newest else None,
            reason="no endpoint is older than 7 days" if state is State.NOTHING else "",
            account=_account(key[0], key[1]),
            above=limit,
            crossed=self._now - timedelta(days=2) if state is State.ABOVE else None,
        )

    def _spoke(self, project: str, environment: str) -> SpokeRow:
        silent = self._is_silent(project, environment)
        failed = sum(self._is_denied((project, environment, kind.metric)) for kind in _KINDS)
        age = timedelta(days=8) if silent else timedelta(minutes=4 + 50 * _share((project, environment, "seen")))
        return SpokeRow(
            project=project,
            environment=environment,
            account=_account(project, environment),
            region="eu-west-1",
            state="silent" if silent else "ok",
            last_seen=self._now - age,
            emitted=len(_KINDS) - failed,
            failed=failed,
            metrics=len(_KINDS),
            package_version="0.1.0",
            schedule="rate(1 day)",
        )


def _breakdown(key: Key, kind: _Kind, value: Decimal) -> list[Mapping[str, object]]:
    if kind.metric not in ("TrainingBillableSeconds24h", "NotebookInstancesInService") or not value:
        return []
    left = value
    rows: list[Mapping[str, object]] = []
    for number, name in enumerate(_INSTANCES):
        part = left if number == len(_INSTANCES) - 1 else (left * Decimal(f"{0.3 + 0.5 * _share(key, name):.2f}"))
        part = Decimal(int(part)) if kind.whole else part.quantize(Decimal("0.1"))
        if part > 0:
            rows.append({"Dimensions": {"InstanceType": name}, "Value": part})
        left -= part
    return rows


def _account(project: str, environment: str) -> str:
    return f"{200_000_000_000 + int(_share((project, environment, 'account')) * 700_000_000_000):012}"


def _share(*parts: object) -> float:
    """Return a number from 0 to 1 that follows from the parts."""
    digest = hashlib.blake2b(repr(parts).encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big") / 2**48
