"""The latest table: of each series the newest value only, whatever the order in which values arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ds_dashboard import dates
from ds_dashboard.event import Received
from ds_dashboard.hub import history, partiql


def keep(results: Iterable[Received], table: str, seconds_left: Callable[[], float]) -> dict[str, str]:
    """Put the newest of `results` of each series into the table where that has none or an older one.

    Returns the reasons of failures by `dedup_key`; who is not named is done.
    """
    newest: dict[tuple[str, str], Received] = {}
    for received in results:
        series = (received.project.key, received.detail["MetricName"])
        if series not in newest or _age(newest[series]) < _age(received):
            newest[series] = received
    failed: dict[str, str] = {}
    # UPDATE finds the item there almost always. Where it is missing INSERT makes it; where that finds an item after
    # all, another archive made it meanwhile, and the second UPDATE tells which of the two is newer.
    older = _execute([*newest.values()], _update, table, seconds_left, "ConditionalCheckFailed", failed)
    raced = _execute(older, _insert, table, seconds_left, "DuplicateItem", failed)
    _execute(raced, _update, table, seconds_left, "ConditionalCheckFailed", failed)
    return failed


def _age(received: Received) -> str:
    """Orders the values of a series: by the date as sent, and values of one date in one way for all archives."""
    return f"{dates.format_instant(received.date)}#{received.dedup_key}"


def _execute(
    results: Sequence[Received],
    statement: Callable[[str, Received], partiql.Statement],
    table: str,
    seconds_left: Callable[[], float],
    expected: str,
    failed: dict[str, str],
) -> list[Received]:
    """Execute one statement a result; return those that answered `expected`, and note the failures."""
    answers = partiql.execute([statement(table, received) for received in results], seconds_left)
    for received, answer in zip(results, answers, strict=True):
        if answer.code not in (partiql.OK, expected):
            failed[received.dedup_key] = f"{answer.code}: {answer.message}"
    return [received for received, answer in zip(results, answers, strict=True) if answer.code == expected]


def _item(received: Received) -> dict[str, Any]:
    item = history.content(received)
    item["Project"] = received.project.key
    item["ExtractionDate"] = item["SentExtractionDate"]
    item["Age"] = _age(received)
    return item


def _insert(table: str, received: Received) -> partiql.Statement:
    return partiql.insert(table, _item(received))


def _update(table: str, received: Received) -> partiql.Statement:
    item = _item(received)
    project, metric = item.pop("Project"), item.pop("MetricName")
    changes = [f'SET "{name}" = ?' for name in item]
    changes += [f'REMOVE "{name}"' for name in history.OPTIONAL if name not in item]
    return partiql.Statement(
        f'UPDATE "{table}" {" ".join(changes)} WHERE "Project" = ? AND "MetricName" = ? AND "Age" < ?',
        [*item.values(), project, metric, item["Age"]],
    )
