"""`ds_dashboard.client.Hub`: typed rows, exact numbers, its own errors, and those of AWS unchanged."""

from __future__ import annotations

import csv
import sys
import threading
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import botocore.exceptions
import pytest
from tests.support.events import FAILURE, RESULT, RUN, Exact, ago, failure, result, run_event
from tests.support.tables import OTHER, HubTables

from ds_dashboard import ulid
from ds_dashboard.client import (
    ExportError,
    Hub,
    HubError,
    MissingDependency,
    RefreshError,
    RefreshTimeout,
    SpokeState,
)
from ds_dashboard_local.client.accounts import allow

DIGITS = "0.1000000000000000055511151231257827021"
ACCEPTS = "import os\ndef handler(event, context):\n    return {'RefreshId': os.environ['ID'], 'EventId': 'e'}\n"
FAILS = "def handler(event, context):\n    raise ValueError('no bus')\n"


def test_latest_has_a_row_for_each_series_with_the_exact_number(tables: HubTables, hub: Hub) -> None:
    """A float would show other digits than the spoke computed."""
    tables.send(RESULT, result(MetricValue=Exact(DIGITS)), result(MetricName="Old", ExtractionDate=ago(hours=27)))
    tables.send(FAILURE, failure(MetricName="Never"))
    jobs, never, old = hub.latest()
    assert (jobs.spoke, jobs.metric, jobs.value, jobs.unit) == ("P/dev", "Jobs", Decimal(DIGITS), "Count")
    assert jobs.number == float(DIGITS)
    assert (jobs.stale, old.stale) == (False, True)
    assert (never.value, never.time) == (None, None)
    assert never.failure is not None
    assert never.failure.error_type == "MetricDenied"
    assert jobs.time is not None
    assert jobs.time.tzinfo is UTC
    assert jobs.item["DedupKey"]
    assert [row.metric for row in hub.latest(stale_after=timedelta()) if row.stale] == ["Jobs", "Old"]
    with pytest.raises(FrozenInstanceError):
        jobs.value = Decimal(1)  # type: ignore[misc]


class Word(str, Enum):  # noqa: UP042 - its str() differs from its value, as that of many enums
    """Names of this test, and a text that no queue accepts."""

    COST, P, DEV, ODD = "Cost", "P", "dev", "a\uffff"


def test_names_are_one_or_several(tables: HubTables, hub: Hub) -> None:
    """A text is one name, not a list of its letters."""
    tables.send(RESULT, result(), result(MetricName="Cost"))
    tables.send(RESULT, result(ProjectName="Q", Environment="prod"), account=OTHER)
    assert [row.spoke for row in hub.latest("Jobs")] == ["P/dev", "Q/prod"]
    assert [row.metric for row in hub.latest(["Jobs", "Cost"], projects="P", environments={"dev"})] == ["Cost", "Jobs"]
    assert hub.latest(projects="Nobody") == []
    assert [row.spoke for row in hub.latest(Word.COST, projects=Word.P, environments=[Word.DEV])] == ["P/dev"]
    assert hub.metrics() == ["Cost", "Jobs"]
    assert len(hub.latest([f"M{number}" for number in range(99)] + ["Jobs"])) == 2
    with pytest.raises(ValueError, match="at most 100"):
        hub.latest(map(str, range(101)))


def test_history_is_read_while_it_is_iterated(tables: HubTables, hub: Hub) -> None:
    """A history of any size needs the memory of a page; nothing is read before the first row is wanted."""
    tables.put_many(250, lambda number: result(MetricValue=number, ExtractionDate=ago(minutes=300 - number)), size=6000)
    calls: list[str] = []
    events = hub.installation.client("dynamodb").meta.events
    events.register("provide-client-params", lambda model, **_: calls.append(model.name))
    rows = hub.history("Jobs")
    assert calls == []
    assert next(rows).value == 0
    calls.clear()
    assert next(rows).value == 1
    assert calls == []
    assert [row.value for row in rows] == list(range(2, 250))
    assert calls
    assert list(rows) == []


def test_periods_are_instants_or_durations_back_from_now(tables: HubTables, hub: Hub) -> None:
    """An instant without a zone is in UTC, whatever the zone of the machine."""
    tables.send(
        RESULT,
        *(result(MetricValue=hour, ExtractionDate=f"2025-11-20T{hour}:00:00.000000Z") for hour in (10, 11)),
        result(MetricValue=1, ExtractionDate=ago(hours=3)),
    )

    def values(**period: Any) -> list[object]:
        return [row.value for row in hub.history("Jobs", **period)]

    assert values(since=timedelta(days=1)) == [1]
    assert values(until=timedelta(days=1)) == [10, 11]
    assert values(since=datetime(2025, 11, 20, 11), until=datetime(2025, 11, 21)) == [11]
    assert values(since=datetime(2025, 11, 20, 10, tzinfo=UTC), until=datetime(2025, 11, 20, 11, tzinfo=UTC)) == [10]
    assert len(list(hub.history())) == 3
    with pytest.raises(ValueError, match="ends before it begins"):
        hub.history(since=timedelta(days=1), until=timedelta(days=2))
    with pytest.raises(ValueError, match="out of range"):
        hub.history(since=timedelta.max)


def test_spokes_and_failures_are_rows(tables: HubTables, hub: Hub) -> None:
    """What a spoke did last, and what fails now."""
    tables.send(FAILURE, failure(), failure(MetricName="Gone"))
    tables.send(RUN, run_event(Emitted=2, Failed=1))
    p, q = hub.spokes()
    assert (p.name, p.account, p.state, p.emitted, p.failed) == ("P/dev", "222222222222", SpokeState.OK, 2, 1)
    assert p.metrics == ("Jobs", "Broken")
    assert (q.state, q.last_seen, q.emitted, q.metrics) == (SpokeState.SILENT, None, None, None)
    (one,) = hub.failures()
    assert (one.spoke, one.metric, one.error_message) == ("P/dev", "Broken", "Broken needs sagemaker:ListApps")
    assert p.failures == (one,)
    assert hub.failures("Jobs") == []
    assert [spoke.name for spoke in hub.spokes(silent_after=timedelta(seconds=1)) if spoke.state == "silent"] == [
        "P/dev",
        "Q/prod",
    ]


def test_a_refresh_waits_until_everything_has_arrived(tables: HubTables, hub: Hub) -> None:
    """It can be waited for at once or later, and shows what failed."""
    tables.function("refresh", ACCEPTS, ID=(identifier := ulid.new()))
    tables.send(RUN, run_event(Emitted=1, Failed=1, RefreshId=identifier))
    states: list[tuple[list[str], list[str]]] = []

    def respond() -> None:
        tables.send(FAILURE, failure(RefreshId=identifier))
        tables.send(RESULT, result(RefreshId=identifier))

    refresh = hub.refresh(projects="P")
    assert (refresh.refresh_id, refresh.responses) == (identifier, {})
    thread = threading.Thread(target=respond)
    thread.start()
    assert refresh.wait(30, lambda state: states.append((state.missing, state.incomplete))) is refresh
    thread.join()
    assert states[-1] == ([], [])
    assert refresh.responses["P/dev"].complete
    assert [one.metric for one in refresh.failures] == ["Broken"]
    assert hub.refresh(projects="P", wait=True, timeout=30).failures == refresh.failures


def test_a_refresh_that_is_not_complete_in_time_has_the_state(tables: HubTables, hub: Hub) -> None:
    """Who waits can go on waiting."""
    tables.function("refresh", ACCEPTS, ID=(identifier := ulid.new()))
    with pytest.raises(TimeoutError) as caught:
        hub.refresh(wait=True, timeout=0.1)
    error = caught.value
    assert isinstance(error, RefreshTimeout)
    assert error.refresh.missing == ["P/dev", "Q/prod"]
    assert error.details[1] == "Q/prod (account 333333333333, never seen) has not responded"
    assert error.details[1] in str(error)
    tables.send(RUN, run_event(Emitted=0, RefreshId=identifier))
    tables.send(RUN, run_event(ProjectName="Q", Environment="prod", Emitted=0, RefreshId=identifier), account=OTHER)
    assert error.refresh.wait(timeout=30).missing == []


def test_a_refresh_that_no_spoke_would_respond_to_is_an_error(tables: HubTables, hub: Hub) -> None:
    """With the names that are registered, or the function's own error."""
    tables.function("refresh", FAILS)
    with pytest.raises(RefreshError, match="Registered are: P, Q") as caught:
        hub.refresh(projects="Typo")
    assert (caught.value.subject, caught.value.remedy) == ("project Typo", "Registered are: P, Q.")
    with pytest.raises(RefreshError, match="ValueError: no bus"):
        hub.refresh()


def test_export_writes_a_whole_file_or_none(tables: HubTables, hub: Hub, tmp_path: Path) -> None:
    """The suffix selects the format."""
    tables.send(RESULT, result(MetricValue=Exact(DIGITS)), result(MetricName="Version", MetricValue="v1"))
    for name in ("h.csv", "h.jsonl", "h.parquet", "h.sqlite"):
        assert hub.export(tmp_path / name) == 2
    assert DIGITS in (tmp_path / "h.csv").read_text()
    assert f'"MetricValue": {DIGITS}' in (tmp_path / "h.jsonl").read_text()
    assert hub.export(tmp_path / "h.txt", "Jobs", since=timedelta(days=1), format="json") == 1
    with pytest.raises(ValueError, match="use csv, parquet, sqlite or json"):
        hub.export(tmp_path / "h.txt", format="xml")
    before = (tmp_path / "h.parquet").read_bytes()
    tables.put("metrics", {**result(), "ExtractionDate": "yesterday"})
    with pytest.raises(ExportError, match="ExtractionDate yesterday"):
        hub.export(tmp_path / "h.parquet")
    assert (tmp_path / "h.parquet").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 5


def test_values_of_one_instant_are_read_by_everything_that_reads_dates(
    tables: HubTables, hub: Hub, tmp_path: Path
) -> None:
    """If their microsecond is taken, their keys in the table have more digits."""
    at = datetime(2025, 11, 20, 10, tzinfo=UTC)
    tables.send(RESULT, *(result(MetricValue=value, ExtractionDate=at.isoformat()) for value in range(8)))
    tables.send(RESULT, *(result(MetricValue=9, ExtractionDate=(at + timedelta(seconds=1)).isoformat()) for _ in "ab"))
    rows = list(hub.history("Jobs", since=at, until=at + timedelta(milliseconds=1), projects="P", environments="dev"))
    assert sorted(row.value for row in rows if isinstance(row.value, Decimal)) == list(range(8))
    assert any(len(row.item["ExtractionDate"]) > 60 for row in rows)
    assert [row.item["ExtractionDate"] for row in rows] == sorted(row.item["ExtractionDate"] for row in rows)
    assert {row.time - at <= timedelta(microseconds=3) for row in rows if row.time} == {True}
    assert list(hub.history("Jobs").to_pandas()["time"].dt.year) == [2025] * 9
    assert (len(list(hub.history("Jobs", since=at))), list(hub.history("Jobs", until=at))) == (9, [])
    for name in ("h.csv", "h.parquet"):
        assert hub.export(tmp_path / name, "Jobs") == 9
    with (tmp_path / "h.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            datetime.strptime(row["ExtractionDate"], "%Y-%m-%dT%H:%M:%S.%f%z")
    lines = tables.run("history", "Jobs", "--since", "2025-11-20", "--plot").output.splitlines()
    assert lines
    shown = tables.run("history", "Jobs", "--since", "2025-11-20").output
    assert max(map(len, shown.splitlines())) < 80
    tables.account.sqs.create_queue(QueueName=f"{tables.name}-events")
    imported = hub.import_results([row.item for row in rows], dry_run=True)
    assert (imported.present, imported.sent) == (8, 0)


def test_results_of_another_source_are_imported(tables: HubTables, hub: Hub) -> None:
    """Rows of a file have floats; what the archive would reject is counted with the reason."""
    url = tables.account.sqs.create_queue(QueueName=f"{tables.name}-events")["QueueUrl"]
    items = [result(MetricValue=0.1), result(MetricValue=2), result(ProjectName="Unknown"), {"MetricName": "Jobs"}]
    items += [result(MetricName=Word.COST, ProjectName=Word.P, Environment=Word.DEV), result(MetricValue=Word.ODD)]
    trial = hub.import_results(items, dry_run=True)
    assert (trial.sent, trial.rejected) == (3, 3)
    assert sum(number for reason, number in trial.reasons.items() if "U+FFFF, which no queue accepts" in reason) == 1
    assert trial.reasons["no account is registered for Unknown/dev"] == 1
    assert "Messages" not in tables.account.sqs.receive_message(QueueUrl=url)
    assert hub.import_results(iter(items)) == trial
    bodies = [
        one["Body"] for one in tables.account.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    ]
    assert any('"MetricValue":0.1' in body for body in bodies)
    assert any('"MetricName":"Cost"' in body for body in bodies)


def test_what_the_caller_may_not_read_is_a_warning(
    tables: HubTables, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is less complete, and says so. To import without the registrations is an error."""
    tables.send(RUN, run_event())
    resources = [f"arn:aws:dynamodb:eu-west-1:111111111111:table/{tables.name}-*"]
    for name, value in tables.as_role(allow(["dynamodb:Scan", "dynamodb:Query"], resources)).items():
        monkeypatch.setenv(name, value)
    with pytest.warns(UserWarning, match="ssm:GetParametersByPath") as caught:
        assert [(spoke.name, spoke.registered) for spoke in hub.spokes()] == [("P/dev", None)]
    assert any("lambda:GetFunctionConfiguration" in str(one.message) for one in caught)
    heard: list[str] = []
    assert Hub(tables.name, warn=heard.append).registered() is None
    assert len(heard) == 2
    with pytest.raises(HubError, match="cannot be read"):
        Hub(tables.name, warn=heard.append).import_results([])


def test_errors_of_aws_come_through(tables: HubTables, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program can handle what it knows from boto3."""
    with pytest.raises(botocore.exceptions.ClientError, match="ResourceNotFoundException"):
        Hub("elsewhere").latest()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(botocore.exceptions.NoCredentialsError):
        Hub(tables.name).latest()


def test_rows_become_a_data_frame(tables: HubTables, hub: Hub) -> None:
    """Exact values, and doubles to calculate with; an empty result has the same columns."""
    tables.send(RESULT, result(MetricValue=Exact(DIGITS)), result(MetricName="Version", MetricValue="v1"))
    tables.send(RUN, run_event())
    frame = hub.history(["Jobs", "Version"]).to_pandas()
    assert list(frame["value"]) == [Decimal(DIGITS), "v1"]
    assert frame["number"].isna().tolist() == [False, True]
    assert frame["number"][0] == float(DIGITS)
    empty = hub.history("Nothing").to_pandas()
    assert frame.dtypes.to_dict() == empty.dtypes.to_dict()
    assert "item" not in frame
    for name, dtype in {"time": "datetime64[us, UTC]", "value": "object", "number": "float64"}.items():
        assert str(frame.dtypes[name]) == dtype
    latest, spokes = hub.latest().to_pandas(), hub.spokes().to_pandas()
    assert (str(latest.dtypes["stale"]), latest["stale"].tolist()) == ("bool", [False, False])
    assert spokes["emitted"].isna().tolist() == [False, True]
    assert str(spokes.dtypes["emitted"]) == "Int64"
    assert str(spokes.dtypes["last_seen"]) == "datetime64[us, UTC]"
    assert hub.failures().to_pandas().empty


def test_a_missing_pandas_is_named_with_the_command_that_installs_it(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is large, so it is an extra."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"pip install 'ds-dashboard\[pandas\]'") as caught:
        hub.latest().to_pandas()
    assert isinstance(caught.value, MissingDependency)
