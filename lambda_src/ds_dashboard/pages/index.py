"""The index: a snapshot of a hub in SQLite, in memory, so that search, filters, order and pages take milliseconds."""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ds_dashboard.pages.figures import SMALL_COUNT, is_small_count
from ds_dashboard.pages.model import Description, Series, Snapshot
from ds_dashboard.series import instance_of
from ds_dashboard.states import State
from ds_dashboard.text import searchable

_SCHEMA = """
CREATE TABLE series (
    id INTEGER PRIMARY KEY, project TEXT NOT NULL, environment TEXT NOT NULL, metric TEXT NOT NULL,
    family TEXT NOT NULL, text TEXT, number REAL, time REAL, state INTEGER NOT NULL, error_type TEXT,
    since REAL, has_limit INTEGER NOT NULL, haystack TEXT NOT NULL, before TEXT, share REAL, weight REAL
);
CREATE INDEX by_spoke ON series (project, environment, metric);
CREATE INDEX by_metric ON series (metric, family);
CREATE INDEX by_state ON series (state, metric, error_type);
CREATE INDEX by_limit ON series (state) WHERE has_limit;
"""
_COLUMNS = 16
# Counts of this many filters are remembered: the words of a search are typed one character after another.
_MAX_COUNTS = 500
# A number is not a text in the table: JSON texts keep their quotes.
_ORDERS = {
    "spoke": "project, environment, metric",
    "metric": "metric, project, environment",
    "value": "number IS NULL, number DESC, text IS NULL, text DESC, project, environment",
    "change": "share IS NULL, abs(share) DESC, project, environment, metric",
    "age": "time IS NULL DESC, time, project, environment, metric",
    "state": "state, project, environment, metric",
}
ORDERS = tuple(_ORDERS)
_ROW = "SELECT id, family, before FROM series"


@dataclass(frozen=True, slots=True)
class Filter:
    """Selects series; what is empty selects all.

    Attributes:
        words: each must occur in the project, environment, metric, error or account.
        environment: the environment.
        state: the state's word, such as "failing".
        family: the metric's family.
        project: the project.
        metric: the metric.
    """

    words: str = ""
    environment: str = ""
    state: str = ""
    family: str = ""
    project: str = ""
    metric: str = ""

    def __bool__(self) -> bool:
        return any((self.words, self.environment, self.state, self.family, self.project, self.metric))

    def condition(self, *, without: str = "") -> tuple[str, list[Any]]:
        """Return the SQL condition and its parameters, without one of the parts."""
        parts, values = ["1"], []
        for name in ("environment", "family", "project", "metric"):
            if getattr(self, name) and name != without:
                parts.append(f"{name} = ?")
                values.append(getattr(self, name))
        if self.state and without != "state":
            parts.append("state = ?")
            values.append(next((state.value for state in State if state.word == self.state), -1))
        for word in self.words.casefold().split():
            parts.append("instr(haystack, ?)")
            values.append(word)
        return " AND ".join(parts), values


@dataclass(frozen=True, slots=True)
class Row:
    """A series as the index returns it, with its value of seven days ago if that was read."""

    id: int
    series: Series
    family: str
    before: Decimal | None


class Index:
    """A snapshot in SQLite. Threads may share it.

    Its counts and the first rows of its panels are remembered, because every page of a filter shows the same ones.

    Attributes:
        snapshot: what was read of the hub.
        has_values_before: whether the values of seven days ago could be read.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.has_values_before = True
        self._lock = threading.Lock()
        # The statement and its parameters -> its rows.
        self._counted: OrderedDict[tuple[str, tuple[Any, ...]], Sequence[Any]] = OrderedDict()
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._db.executescript(_SCHEMA)
        placeholders = ", ".join("?" * _COLUMNS)
        self._db.executemany(
            f"INSERT INTO series VALUES ({placeholders})",
            (self._columns(number, one) for number, one in enumerate(snapshot.series)),
        )
        self._db.execute("ANALYZE")

    def description(self, metric: str) -> Description:
        """Return what the manifest says of a metric; of one with run-time arguments, what it says of the metric."""
        known = self.snapshot.descriptions
        return known.get(metric) or known.get(instance_of(metric)) or Description()

    def _columns(self, number: int, one: Series) -> tuple[Any, ...]:
        is_number = isinstance(one.value, Decimal)
        words = (one.project, one.environment, one.metric, one.error_type, one.error_message, one.account, one.reason)
        return (
            number,
            one.project,
            one.environment,
            one.metric,
            self.description(one.metric).family,
            None if one.value is None or is_number else str(one.value),
            float(one.value) if is_number and one.value is not None else None,
            one.time.timestamp() if one.time else None,
            one.state.value,
            one.error_type,
            one.since.timestamp() if one.since else None,
            one.above is not None or one.below is not None,
            searchable(*words),
            None,
            None,
            None,
        )

    def set_values_before(self, values: Mapping[tuple[str, str, str], Decimal]) -> None:
        """Add the values of seven days ago, by project, environment and metric."""
        changes = []
        for number, one in enumerate(self.snapshot.series):
            before = values.get((one.project, one.environment, one.metric))
            if before is not None and isinstance(one.value, Decimal):
                difference = float(one.value) - float(before)
                share = difference / abs(float(before)) if before else None
                # The first job is no change of 100%: small counts weigh by their difference.
                small = is_small_count(before) and is_small_count(one.value)
                weight = difference / SMALL_COUNT if small else share
                changes.append((str(before), share if difference else 0.0, weight, number))
        with self._lock:
            self._db.executemany("UPDATE series SET before = ?, share = ?, weight = ? WHERE id = ?", changes)
            self._counted.clear()

    def rows(self, chosen: Filter, order: str = "spoke", start: int = 0, count: int = 50) -> list[Row]:
        """Return series in an order of `ORDERS`."""
        condition, values = chosen.condition()
        order_by = _ORDERS.get(order, _ORDERS["spoke"])
        return self._rows(f"WHERE {condition} ORDER BY {order_by} LIMIT ? OFFSET ?", [*values, count, start])

    def changed_most(self, chosen: Filter, count: int) -> list[Row]:
        """Return the fresh series that have changed most in seven days: by share, and small counts by difference."""
        condition, values = chosen.condition()
        found = self._remembered(
            f"{_ROW} WHERE {condition} AND weight IS NOT NULL AND weight != 0 AND state = ? "
            "ORDER BY abs(weight) DESC, project, environment, metric LIMIT ?",
            [*values, State.FRESH.value, count],
        )
        return self._as_rows(found)

    def with_limits(self, count: int) -> list[Row]:
        """Return the series that have a threshold, those that have crossed it first."""
        return self._rows(
            "WHERE has_limit ORDER BY state NOT IN (?, ?), state, project, environment, metric LIMIT ?",
            [State.ABOVE.value, State.BELOW.value, count],
        )

    def of_spokes(self, spokes: Iterable[tuple[str, str]], metrics: Sequence[str]) -> list[Row]:
        """Return the series of these spokes and metrics."""
        given = set(spokes)
        if not given or not metrics:
            return []
        # By project: SQLite has limits for conditions and for parameters, and a project may have thousands of spokes.
        projects = sorted({project for project, _ in given})
        marks, names = ", ".join("?" * len(projects)), ", ".join("?" * len(metrics))
        rows = self._rows(f"WHERE project IN ({marks}) AND metric IN ({names})", [*projects, *metrics])
        return [row for row in rows if (row.series.project, row.series.environment) in given]

    def find(self, project: str, environment: str, metric: str) -> Row | None:
        """Return one series."""
        found = self._rows("WHERE project = ? AND environment = ? AND metric = ?", [project, environment, metric])
        return found[0] if found else None

    def projects(self, chosen: Filter, start: int, count: int) -> list[tuple[str, list[str]]]:
        """Return projects that have series of the filter, each with its environments, sorted."""
        condition, values = chosen.condition()
        names = self._select(
            f"SELECT DISTINCT project FROM series WHERE {condition} ORDER BY project LIMIT ? OFFSET ?",
            [*values, count, start],
        )
        projects = [name for (name,) in names]
        marks = ", ".join("?" * len(projects))
        pairs = self._select(
            f"SELECT DISTINCT project, environment FROM series WHERE {condition} AND project IN ({marks})",
            [*values, *projects],
        )
        found: dict[str, list[str]] = {project: [] for project in projects}
        for project, environment in pairs:
            found[project].append(environment)
        return [(project, sorted(environments, key=environment_order)) for project, environments in found.items()]

    def count(self, chosen: Filter, what: str = "series") -> int:
        """Return how many series, projects, spokes or metrics a filter selects."""
        condition, values = chosen.condition()
        column = {
            "series": "*",
            "projects": "DISTINCT project",
            "spokes": "DISTINCT project || '/' || environment",
            "metrics": "DISTINCT metric",
        }[what]
        ((number,),) = self._remembered(f"SELECT COUNT({column}) FROM series WHERE {condition}", values)
        return int(number)

    def count_with_limits(self) -> int:
        """Return how many series have a threshold."""
        ((number,),) = self._remembered("SELECT COUNT(*) FROM series WHERE has_limit", [])
        return int(number)

    def facet(self, column: str, chosen: Filter) -> dict[str, int]:
        """Return the values of a column with their numbers of series, as if that column were not filtered."""
        assert column in ("environment", "family", "state")
        condition, values = chosen.condition(without=column)
        found = self._remembered(f"SELECT {column}, COUNT(*) FROM series WHERE {condition} GROUP BY {column}", values)
        if column == "state":
            return {State(value).word: number for value, number in found}
        return dict(sorted(found, key=lambda one: environment_order(one[0]) if column == "environment" else one[0]))

    def most_reported(self, chosen: Filter, count: int) -> list[str]:
        """Return the metrics of a filter that most spokes report, sorted by family and name."""
        condition, values = chosen.condition()
        found = self._remembered(
            f"SELECT metric, family FROM series WHERE {condition} GROUP BY metric "
            "ORDER BY COUNT(*) DESC, metric LIMIT ?",
            [*values, count],
        )
        return [metric for metric, family in sorted(found, key=lambda one: (one[1], one[0]))]

    def metrics(self, chosen: Filter) -> list[str]:
        """Return the names of the metrics of a filter, sorted."""
        condition, values = chosen.condition()
        found = self._remembered(f"SELECT DISTINCT metric FROM series WHERE {condition} ORDER BY metric", values)
        return [metric for (metric,) in found]

    def crossed(self) -> list[tuple[str, str, int]]:
        """Return metrics whose values have crossed a threshold: metric, state and number of spokes; most first."""
        return [
            (metric, State(state).word, count)
            for metric, state, count in self._remembered(
                "SELECT metric, state, COUNT(*) FROM series WHERE state IN (?, ?) GROUP BY metric, state "
                "ORDER BY COUNT(*) DESC, metric",
                [State.ABOVE.value, State.BELOW.value],
            )
        ]

    def causes(self, chosen: Filter) -> Sequence[tuple[str, str, int, float | None]]:
        """Return failures by cause: metric, error type, number of spokes, and since when; most spokes first."""
        condition, values = chosen.condition()
        return self._remembered(
            "SELECT metric, error_type, COUNT(*), MIN(since) FROM series "
            f"WHERE {condition} AND state = {State.FAILING.value} GROUP BY metric, error_type "
            "ORDER BY COUNT(*) DESC, MIN(since), metric",
            values,
        )

    def _rows(self, clause: str, values: Sequence[Any]) -> list[Row]:
        return self._as_rows(self._select(f"{_ROW} {clause}", values))

    def _as_rows(self, found: Sequence[Any]) -> list[Row]:
        return [
            Row(number, self.snapshot.series[number], family, None if before is None else Decimal(before))
            for number, family, before in found
        ]

    def _remembered(self, statement: str, values: Sequence[Any]) -> Sequence[Any]:
        """Return the rows of a statement, which are few and short; run it only if they are not remembered."""
        key = (statement, tuple(values))
        with self._lock:
            found = self._counted.pop(key, None)
            if found is None:
                found = self._db.execute(statement, values).fetchall()
            self._counted[key] = found
            if len(self._counted) > _MAX_COUNTS:
                self._counted.popitem(last=False)
        return found

    def _select(self, statement: str, values: Sequence[Any]) -> list[Any]:
        with self._lock:
            return self._db.execute(statement, values).fetchall()


_USUAL_ORDER = ("dev", "development", "test", "qa", "int", "staging", "stage", "preprod", "prod", "production")


def environment_order(environment: str) -> tuple[int, str]:
    """Return a key that sorts environments as people do: dev, test, prod, and others by name."""
    known = environment.casefold()
    return (_USUAL_ORDER.index(known) if known in _USUAL_ORDER else len(_USUAL_ORDER), environment)


def is_production(environment: str) -> bool:
    """Return whether an environment is the one that people look at first."""
    return environment.casefold() in ("prod", "production")


def instant(seconds: float | None) -> datetime | None:
    """Return an instant that the index has as seconds."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
