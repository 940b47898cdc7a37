"""Tables with items that no archive wrote: of other programs, of an import, or of somebody who wants to do harm."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from tests.support.events import RESULT, RUN, ago, result, run_event
from tests.support.tables import HubTables

from ds_dashboard.client import Hub
from ds_dashboard_local import LocalCloud

ODD: list[Any] = [
    *(None, True, Decimal("1E+125"), Decimal("-1.5"), Decimal(10) ** 30, "", "x", "\x1b[31m\u202e", b"\xff", {"a"}),
    *({Decimal(1)}, {b"a"}, [], [Decimal(1), None, {"a": b"x"}], ["x", {"y"}], {}, {"a": Decimal(1)}),
    *({"Jobs": "x"}, {"Jobs": {"ErrorType": Decimal(1), "ExtractionDate": []}}),
    *([{"Dimensions": Decimal(3), "Value": Decimal(1)}], [{"Dimensions": {"a": {"b"}}, "Value": "x"}], [{"Value": {}}]),
]
DATES = [
    *("0001-01-01T00:00:00.000000Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999Z"),
    *("9999-12-31T23:59:59-12:00", "0000-00-00T00:00:00Z", "yesterday", "2026-11-24 10:00:00"),
]
VALUE_ATTRIBUTES = (
    *("MetricValue", "Unit", "Metadata", "Breakdown", "AccountId", "Region", "RefreshId", "ProjectName", "Environment"),
    *("EventId", "DedupKey", "SentExtractionDate", "Age"),
)
SPOKE_ATTRIBUTES = (
    *("Failures", "Metrics", "Emitted", "Failed", "LastSeen", "StartedAt", "FinishedAt", "AccountId", "Region"),
    *("LastRefreshId", "PackageVersion", "BotoVersion", "ScheduleExpression", "ProjectName"),
)
NUMBERS_AND_MAPS = {"MetricValue", "Metadata", "Breakdown", "Failures", "Metrics", "Emitted", "Failed"}
TEXTS = {*VALUE_ATTRIBUTES, *SPOKE_ATTRIBUTES} - NUMBERS_AND_MAPS
GONE = {"Project": "Gone#dev", "MetricName": "Jobs"}
EVERYTHING = ("--since", "0001-01-01")


def _variants(attributes: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield items that together have each attribute in each odd form."""
    for shift in range(len(ODD)):
        yield {name: ODD[(index * 5 + shift) % len(ODD)] for index, name in enumerate(attributes)}
    # With one odd attribute, nothing else is left out.
    for name in attributes:
        yield {name: Decimal(1) if name in TEXTS else "x"}


def _fill(hub: HubTables) -> None:
    hub.send(RESULT, result(MetricValue=7), result(MetricName="Good", MetricValue=8))
    hub.send(RUN, run_event())
    for number, odd in enumerate(_variants(VALUE_ATTRIBUTES)):
        item = {**result(MetricValue=Decimal(1), ExtractionDate=ago(minutes=10 + number)), **odd}
        hub.put("metrics", item)
        hub.put("latest", {**item, "Project": "P#dev", "MetricName": f"Odd{number}"})
    for number, odd in enumerate(_variants(SPOKE_ATTRIBUTES)):
        hub.put("spokes", {**run_event(Emitted=Decimal(1), Failed=Decimal(0)), **odd, "Project": f"Odd{number}#dev"})
    for number, date in enumerate(DATES):
        hub.put("metrics", result(MetricValue=Decimal(2), ExtractionDate=date, MetricName="Dated"))
        hub.put("latest", {**result(MetricValue=Decimal(2), ExtractionDate=date), "Project": f"Dated{number}#dev"})
        run = run_event(LastSeen=date, StartedAt=date, Emitted=Decimal(1), Failed=Decimal(0))
        hub.put("spokes", {**run, "Project": f"Dated{number}#dev"})
    for number, odd_date in enumerate(ODD):
        item = result(MetricValue=Decimal(2), ExtractionDate=odd_date)
        hub.put("latest", {**item, "Project": f"Undated{number}#dev"})
    for key in ("x", "#", "##", "P", "P#dev#more", "\x1b#\n"):
        hub.put("latest", {"Project": key, "MetricName": "Jobs"})
        hub.put("spokes", {"Project": key})
    hub.put("metrics", {"MetricName": "Jobs", "ExtractionDate": ago(minutes=1)})


@pytest.fixture(scope="module")
def odd_hub(local_cloud: LocalCloud) -> HubTables:
    """A hub whose tables hold every attribute in every odd form, among good ones."""
    hub = HubTables(local_cloud)
    hub.register("P/dev")
    hub.watch()
    _fill(hub)
    return hub


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("latest", "--breakdown"), "Good"),
        (("latest", "--json"), "Good"),
        (("latest", "--project", "P", "--environment", "dev"), "Good"),
        (("spokes",), "P/dev"),
        (("spokes", "--json"), "P/dev"),
        (("spokes", "--failures"), "Jobs"),
        (("history", "Jobs", *EVERYTHING), " 7 "),
        (("history", "Jobs", "--json"), '"MetricValue": 7'),
        (("history", "Jobs", *EVERYTHING, "--plot"), "P/dev"),
        (("export",), "\nJobs,P,dev,"),
        (("export", "--json"), '"MetricValue": 7'),
    ],
)
def test_one_odd_item_keeps_nobody_from_the_others(odd_hub: HubTables, words: tuple[str, ...], shown: str) -> None:
    """What is odd is left out, and a note counts it."""
    outcome = odd_hub.run(*words)
    assert shown in outcome.stdout
    assert "which are left out: " in outcome.stderr
    # In a pipe, CSV has texts as they are.
    assert "\x1b" not in outcome.stderr + ("" if words == ("export",) else outcome.stdout)
    if words[-1] == "--json":
        assert [json.loads(line) for line in outcome.stdout.splitlines()]


def test_a_plot_leaves_out_texts_and_dates_that_are_not_valid(odd_hub: HubTables) -> None:
    """One text value must not keep a chart from everybody."""
    outcome = odd_hub.run("history", "Jobs", *EVERYTHING, "--plot")
    assert "Left out of the chart: " in outcome.stderr
    assert "(not numbers), such as 'x'" in outcome.stderr
    dated = odd_hub.run("history", "Dated", "--plot", "--since", "0001-01-01")
    assert "0001-01-01" in dated.stdout
    assert "9999-12-31" in dated.stdout


def test_the_api_has_the_types_that_it_documents(odd_hub: HubTables, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in a DataFrame, whatever the tables hold."""
    for name, value in odd_hub.env.items():
        if value is not None:
            monkeypatch.setenv(name, value)
    warnings: list[str] = []
    hub = Hub(odd_hub.name, warn=warnings.append)
    for rows in (hub.latest(), hub.history(), hub.history("Jobs"), hub.spokes(), hub.failures()):
        frame = rows.to_pandas()
        assert len(frame)
    assert len(warnings) >= 4
    for row in [*hub.latest(), *hub.history()]:
        assert isinstance(row.value, Decimal | str | None)
        assert all(isinstance(one, str | None) for one in (row.unit, row.account, row.region, row.refresh_id))
        assert all(isinstance(part["Dimensions"], dict) for part in row.breakdown)
        assert row.time is None or row.time.tzinfo is UTC
    for spoke in hub.spokes():
        assert isinstance(spoke.emitted, int | None)
        assert all(isinstance(name, str) for name in spoke.metrics or ())


@pytest.mark.parametrize("offset", [14, -12])
@pytest.mark.parametrize("instant", [datetime.min, datetime.max])
def test_a_period_at_the_ends_of_the_calendar(odd_hub: HubTables, instant: datetime, offset: int) -> None:
    """In UTC it may be out of range, which is an error of the caller."""
    when = instant.replace(tzinfo=timezone(timedelta(hours=offset)))
    hub = Hub(odd_hub.name)
    in_range = (instant == datetime.min) == (offset < 0)
    with nullcontext() if in_range else pytest.raises(ValueError, match="out of range"):
        hub.history("Jobs", since=when)


def test_an_export_keeps_every_value(odd_hub: HubTables, tmp_path: Path) -> None:
    """What a format cannot hold is an error with the value: a file that lacks it would look complete."""
    count = len(odd_hub.run("export", "--json").stdout.splitlines())
    assert count > len(ODD) + len(DATES)
    assert len(list(csv.DictReader(io.StringIO(odd_hub.run("export").stdout, newline="")))) == count
    outcome = odd_hub.run("export", "-o", tmp_path / "x.parquet", code=1)
    assert "Export it as CSV." in outcome.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_odd_spoke_does_not_end_a_refresh(odd_hub: HubTables) -> None:
    """It has not responded, like a spoke that is not there."""
    refresh = "import os\ndef handler(event, context):\n    return {'RefreshId': 'R1', 'EventId': 'e'}\n"
    odd_hub.function("refresh", refresh)
    numbers = range(len(list(_variants(SPOKE_ATTRIBUTES))))
    for number in numbers:
        odd_hub.register(f"Odd{number}/dev")
    outcome = odd_hub.run("refresh", "--wait", "--timeout", "1s", code=3)
    assert "has not responded" in outcome.stderr


def test_what_is_odd_can_be_forgotten(odd_hub: HubTables) -> None:
    """Otherwise it would be shown for ever."""
    for number in (0, 7, 25):
        odd_hub.put("spokes", {**next(islice(_variants(SPOKE_ATTRIBUTES), number, None)), "Project": "Gone#dev"})
        odd_hub.put("latest", {**next(islice(_variants(VALUE_ATTRIBUTES), number, None)), **GONE})
        odd_hub.run("spokes", "forget", "Gone/dev", "--yes")
        assert not [line for line in odd_hub.lines("spokes") if line["Project"] == "Gone/dev"]
        assert not [line for line in odd_hub.lines("latest") if line["Project"] == "Gone/dev"]


def test_an_import_counts_odd_items_and_goes_on(odd_hub: HubTables, local_cloud: LocalCloud) -> None:
    """A reason for each item that is not imported."""
    target = HubTables(local_cloud)
    target.account.sqs.create_queue(QueueName=f"{target.name}-events")
    target.register("P/dev")
    target.watch()
    outcome = target.run("import", f"{odd_hub.name}-metrics", code=1)
    assert "not imported:" in outcome.stderr
    assert "values of" in outcome.stderr
