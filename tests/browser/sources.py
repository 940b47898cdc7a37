"""Hubs that do not exist: one whose spokes are hostile, and one whose calls AWS denies or whose credentials expire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

from ds_dashboard.pages.cells import Key, Recent
from ds_dashboard.pages.model import Description, Point, Series, Snapshot, SpokeRow
from ds_dashboard.states import State
from ds_dashboard_web.demo import DemoSource

# Markup that ends an attribute, a script and a comment, a template's expression, and what reverses a line.
MARKUP = "\"><img src=x onerror=alert(1)>'</script><script>alert(2)</script>--><svg onload=alert(3)>{{1337*7}}"
BIDI = "\u202eevil\u2066\u200f\x1b[31m\x00"
HOSTILE = MARKUP + BIDI
LONG = ("x" * 64 + HOSTILE) * 30
assert len(LONG) > 4096
# An archive accepts neither, but another program can write to the tables.
PROJECT = '"><img src=x onerror=alert(1)>\u202e'
# The present of made-up data, which are others on each day.
NOW = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)
# The longest name of a metric has 128 characters.
METRICS = (HOSTILE, "A/B?c=d&e#f%2F..", "x" * 128, "\u202e" * 128, "{{7*191}}", "javascript:alert(4)", "../../read")
NUMBERS = (Decimal("1e120"), Decimal("-1e-120"))
# The last one looks like an instant in a text of the page, and is none.
VALUES: Sequence[Decimal | str] = (HOSTILE, LONG[:4096], "x" * 4096, *NUMBERS, "", "9999-99-99 99:99 UTC")


class HostileSource:
    """A hub whose spokes have chosen names, values, units, messages and breakdowns to attack the reader."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def snapshot(self) -> Snapshot:
        """Return every hostile name with every hostile value, failing, above a threshold, and with nothing."""
        spokes = [("P", "dev"), ("P", "prod"), (PROJECT, PROJECT), ("x" * 64, "y" * 64)]
        series = [self._series(spoke, metric, number) for spoke in spokes for number, metric in enumerate(METRICS)]
        failing = [self._failing(spoke, error) for spoke in spokes for error in (HOSTILE, LONG[:4096], "x" * 4096)]
        return Snapshot(
            hub=HOSTILE,
            account=HOSTILE,
            region=HOSTILE,
            read_at=self.now,
            series=series + failing,
            spokes=[self._spoke(*spoke) for spoke in spokes],
            descriptions={HOSTILE: Description(text=LONG[:4096], family=HOSTILE, dimensions=(HOSTILE,))},
            unread=[LONG[:4096]],
        )

    def _series(self, spoke: tuple[str, str], metric: str, number: int) -> Series:
        value = VALUES[number]
        crossed = isinstance(value, Decimal)
        return Series(
            project=spoke[0],
            environment=spoke[1],
            metric=metric,
            value=value,
            unit=LONG[:4096] if number % 2 else HOSTILE,
            time=self.now - timedelta(minutes=number),
            state=State.ABOVE if crossed else State.NOTHING if number % 2 else State.FRESH,
            reason=LONG[:4096] if number % 2 else "",
            account=HOSTILE,
            above=Decimal("-1e120") if crossed else None,
            crossed=self.now if crossed else None,
        )

    def _failing(self, spoke: tuple[str, str], error: str) -> Series:
        return Series(
            project=spoke[0],
            environment=spoke[1],
            metric=f"Fails {error[:100]}",
            value=None,
            unit=HOSTILE,
            time=None,
            state=State.FAILING,
            error_type=error,
            error_message=error,
            since=self.now,
            account=error,
        )

    def _spoke(self, project: str, environment: str) -> SpokeRow:
        return SpokeRow(
            project=project,
            environment=environment,
            account=HOSTILE,
            region=LONG[:4096],
            state="silent" if project == PROJECT else "ok",
            last_seen=self.now,
            emitted=1,
            failed=1,
            metrics=1,
            package_version=LONG[:4096],
            schedule=HOSTILE,
        )

    def values_before(self, snapshot: Snapshot) -> Mapping[Key, Decimal]:
        """Return a number for every series."""
        return {(one.project, one.environment, one.metric): Decimal(1) for one in snapshot.series}

    def recent(self, keys: Sequence[Key]) -> Recent:
        """Return numbers for every other series, and texts for the rest."""
        return {key: self._points(number % 2 == 0) for number, key in enumerate(keys)}

    def sparklines(self, keys: Sequence[Key]) -> Recent:
        """Return what `recent` does."""
        return self.recent(keys)

    def history(self, key: Key, since: datetime, until: datetime) -> Sequence[Point]:
        """Return texts of the metrics that have a text, and numbers of the others."""
        value = VALUES[METRICS.index(key[2])] if key[2] in METRICS else Decimal(1)
        return self._points(isinstance(value, Decimal) or key[0] == PROJECT)

    def _points(self, numbers: bool) -> list[Point]:
        rows = [{"Dimensions": {HOSTILE: one}, "Value": Decimal(1)} for one in (HOSTILE, LONG[:4096])]
        texts: list[Decimal | str] = [HOSTILE, LONG[:4096], ""]
        values = [Decimal(1), Decimal("1e120"), Decimal(-3)] if numbers else texts
        return [Point(self.now - timedelta(days=3 - day), one, rows, HOSTILE) for day, one in enumerate(values)]

    def refresh(self, metrics: Sequence[str], projects: Sequence[str], environments: Sequence[str]) -> str:
        """Answer with an ID that no hub makes."""
        return HOSTILE


def failed(operation: str, code: str = "AccessDeniedException", message: str = "no") -> ClientError:
    """Return the error of a call, as AWS answers it."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class FailingSource(DemoSource):
    """A hub, some of whose reads fail.

    Attributes:
        errors: name of a method -> the error with which it fails.
    """

    def __init__(self, **errors: Exception) -> None:
        super().__init__(NOW, {})
        self.errors: dict[str, Exception] = errors

    def _check(self, method: str) -> None:
        if method in self.errors:
            raise self.errors[method]

    def snapshot(self) -> Snapshot:
        """Return the made-up data, unless it fails."""
        self._check("snapshot")
        return super().snapshot()

    def values_before(self, snapshot: Snapshot) -> Mapping[Key, Decimal]:
        """Return the numbers of seven days ago, unless it fails."""
        self._check("values_before")
        return super().values_before(snapshot)

    def recent(self, keys: Sequence[Key]) -> Recent:
        """Return the last values, unless it fails."""
        self._check("recent")
        return super().recent(keys)

    def history(self, key: Key, since: datetime, until: datetime) -> Sequence[Point]:
        """Return the history, unless it fails."""
        self._check("history")
        return super().history(key, since, until)

    def refresh(self, metrics: Sequence[str], projects: Sequence[str], environments: Sequence[str]) -> Any:
        """Fail, or answer with an ID."""
        self._check("refresh")
        return super().refresh(metrics, projects, environments)
