"""The latest table: the newest value of each series, whatever the order in which values arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ds_dashboard.deadline import Deadline
from ds_dashboard.event import Received
from ds_dashboard.hub import tables, thresholds
from ds_dashboard.hub.tables import Outcome, WriteResult
from ds_dashboard.hub.thresholds import Rules


def write(values: Iterable[Received], table: str, rules: Rules, deadline: Deadline) -> dict[str, WriteResult]:
    """Write the newest result of each series, unless the table has a newer one.

    Args:
        values: result events; each `dedup_key` occurs once.
        table: the table's name.
        rules: the thresholds of series, and who is notified.
        deadline: when to stop retrying throttled statements.

    Returns:
        The result of each event, by `dedup_key`: written, superseded or failed.
    """
    judged: list[Received] = []
    unjudged: list[Received] = []
    for received in values:
        (unjudged if rules.of(received) is None else judged).append(received)
    # First those without a threshold: they take few requests, and wait for no topic.
    results = _write_unjudged(unjudged, table, deadline)
    results.update(thresholds.write(judged, rules, table, deadline))
    return results


def _write_unjudged(values: Iterable[Received], table: str, deadline: Deadline) -> dict[str, WriteResult]:
    newest, results = tables.newest_by(values, lambda one: (one.project.key, one.detail["MetricName"]))
    # UPDATE almost always finds an item. If it finds none, INSERT creates it. If INSERT then finds one, another archive
    # created it in the meantime, and a second UPDATE writes the newer of the two.
    older = _execute(newest, _update, table, deadline, "ConditionalCheckFailed", results)
    existing = _execute(older, _insert, table, deadline, "DuplicateItem", results)
    superseded = _execute(existing, _update, table, deadline, "ConditionalCheckFailed", results)
    results.update({received.dedup_key: WriteResult(Outcome.SUPERSEDED) for received in superseded})
    return results


def _execute(
    values: Sequence[Received],
    statement: Callable[[str, Received], tables.Statement],
    table: str,
    deadline: Deadline,
    expected_code: str,
    results: dict[str, WriteResult],
) -> list[Received]:
    """Execute one statement for each value, and return the values that are answered with `expected_code`."""
    answers = tables.execute([statement(table, received) for received in values], deadline)
    unwritten = []
    for received, answer in zip(values, answers, strict=True):
        if answer.code == expected_code:
            unwritten.append(received)
        elif answer.code == tables.OK:
            results[received.dedup_key] = WriteResult(Outcome.WRITTEN)
        else:
            results[received.dedup_key] = WriteResult(Outcome.FAILED, f"{answer.code}: {answer.message}")
    return unwritten


def _insert(table: str, received: Received) -> tables.Statement:
    return tables.insert(table, tables.latest_item(received), received.request_bytes)


def _update(table: str, received: Received) -> tables.Statement:
    item = tables.latest_item(received)
    project, metric = item.pop("Project"), item.pop("MetricName")
    changes = [f'SET "{name}" = ?' for name in item]
    # A series whose threshold was removed keeps no judgement.
    optional = (*tables.OPTIONAL_ATTRIBUTES, *thresholds.ATTRIBUTES)
    changes += [f'REMOVE "{name}"' for name in optional if name not in item]
    return tables.Statement(
        f'UPDATE "{table}" {" ".join(changes)} WHERE "Project" = ? AND "MetricName" = ? AND "Age" < ?',
        [*item.values(), project, metric, item["Age"]],
        received.request_bytes,
    )
