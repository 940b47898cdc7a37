"""The event contract: dates, events that the archive receives, and refreshes."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ds_dashboard import canonical_json, dates, event, ulid
from ds_dashboard.event import InvalidRefresh, Kind, Malformed, Refresh
from ds_dashboard.identity import Project

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
BASE = {
    "MetricName": "Jobs",
    "MetricValue": 3,
    "ExtractionDate": "2026-11-24T11:59:00.123456Z",
    "Metadata": {},
    "Environment": "dev",
    "ProjectName": "Project1",
}
RUN = {
    "ProjectName": "Project1",
    "Environment": "dev",
    "StartedAt": "2026-11-24T11:58:00.000000Z",
    "FinishedAt": "2026-11-24T11:59:00.000000Z",
    "Emitted": 1,
    "Failed": 0,
    "Metrics": ["Jobs"],
}


def body(detail: Any = None, **envelope: Any) -> str:
    """Return an event as EventBridge delivers it; keyword arguments replace keys of the envelope, with `_` for `-`."""
    whole = {
        "version": "0",
        "id": "e-1",
        "detail-type": "metric_extractor",
        "source": "metric_extractor",
        "account": "111111111111",
        "time": "2026-11-24T11:59:01Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": BASE if detail is None else detail,
        **{key.replace("_", "-"): value for key, value in envelope.items()},
    }
    return json.dumps(whole)


@pytest.mark.parametrize("field", ["MetricName", "MetricValue", "Unit"])
def test_a_character_that_no_queue_accepts_is_rejected_with_the_reason(field: str) -> None:
    """It arrives only while somebody keeps it escaped. What the archive accepts must not depend on that."""
    with pytest.raises(Malformed, match=r"U\+FFFF, which no queue accepts"):
        event.receive(body({**BASE, field: "a\uffffb"}), NOW)


def test_a_reason_is_brief_whatever_key_it_quotes() -> None:
    """A line of a log that exceeds 256 KB is cut off, and no filter for JSON finds it."""
    key = "😀" * 40_000
    with pytest.raises(Malformed, match="must be string") as malformed:
        event.receive(body({**BASE, "Breakdown": [{"Dimensions": {"a" * 300: 1}, "Value": 1}]}), NOW)
    assert "a" * 300 in str(malformed.value)
    with pytest.raises(Malformed, match=r"^detail\.Breakdown") as malformed:
        event.receive(body({**BASE, "Breakdown": [{"Dimensions": {key: 1}, "Value": 1}]}), NOW)
    with pytest.raises(InvalidRefresh, match="a refresh has RefreshId") as refused:
        Refresh.from_detail({key: 1})
    assert max(len(str(malformed.value)), len(str(refused.value))) < 1000


def test_the_six_keys_of_the_base_contract_are_enough() -> None:
    """Any producer that puts them on the spoke's bus is accepted."""
    received = event.receive(body(), NOW)
    assert received.kind is Kind.RESULT
    assert received.project == Project("Project1", "dev")
    assert dates.format_instant(received.date) == "2026-11-24T11:59:00.123456Z"


def test_fractions_arrive_as_decimals() -> None:
    """They are never binary floats."""
    text = body().replace('"MetricValue": 3', '"MetricValue": 0.1000000000000000055511151231257827021')
    assert event.receive(text, NOW).detail["MetricValue"] == Decimal("0.1000000000000000055511151231257827021")


def test_a_redelivery_has_the_same_identity_under_another_event_id() -> None:
    """A retried PutEvents gets a new event ID, and the spelling of its JSON may change on the way."""
    first = event.receive(body(), NOW)
    again = event.receive(body(dict(reversed(BASE.items())), id="e-2", time="2026-11-24T12:00:00Z"), NOW)
    assert first.dedup_key == again.dedup_key


@pytest.mark.parametrize(
    "other",
    [
        body({**BASE, "MetricValue": 4}),
        body({**BASE, "Metadata": {"a": 1}}),
        body(account="222222222222"),
        body(region="eu-central-1"),
    ],
)
def test_another_content_account_or_region_is_another_event(other: str) -> None:
    """Two spokes may send the same content at the same microsecond."""
    assert event.receive(other, NOW).dedup_key != event.receive(body(), NOW).dedup_key


@pytest.mark.parametrize("missing", sorted(BASE))
def test_each_key_of_the_base_contract_is_required(missing: str) -> None:
    """A value without one of them belongs to no series."""
    with pytest.raises(Malformed):
        event.receive(body({key: value for key, value in BASE.items() if key != missing}), NOW)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("MetricName", "", "MetricName"),
        ("MetricName", "a#b", "MetricName"),
        ("MetricName", "x" * 129, "MetricName"),
        ("MetricName", 7, "MetricName"),
        ("MetricValue", None, "MetricValue"),
        ("MetricValue", True, "MetricValue"),
        ("MetricValue", [1], "MetricValue"),
        ("ProjectName", "a/b", "ProjectName"),
        ("ProjectName", "dev:1", "ProjectName"),
        ("Environment", "", "Environment"),
        ("Environment", "dev\n", "Environment"),
        ("Metadata", [], "Metadata"),
        ("ExtractionDate", 1764000000, "ExtractionDate"),
        ("ExtractionDate", "soon", "ExtractionDate"),
        ("Breakdown", [{"Dimensions": {}}], "Breakdown"),
        ("Unit", None, "Unit"),
        ("RefreshId", {}, "RefreshId"),
    ],
)
def test_an_invalid_value_is_rejected_with_the_name_of_its_field(field: str, value: object, message: str) -> None:
    """An operator sees in the rejected queue what to fix."""
    with pytest.raises(Malformed, match=message):
        event.receive(body({**BASE, field: value}), NOW)


def test_a_date_ahead_of_its_arrival_is_rejected() -> None:
    """A value dated 2099 would freeze its series. Clocks may differ by 15 minutes."""
    late = dates.format_instant(NOW + timedelta(minutes=15))
    assert event.receive(body({**BASE, "ExtractionDate": late}), NOW).detail["ExtractionDate"] == late
    with pytest.raises(Malformed, match="60 minutes ahead") as rejected:
        event.receive(body({**BASE, "ExtractionDate": dates.format_instant(NOW + timedelta(hours=1))}), NOW)
    assert rejected.value.code == "DateAhead"


def test_a_run_dated_ahead_is_rejected_too() -> None:
    """It would hide that the spoke is silent."""
    run = {**RUN, "FinishedAt": "2099-01-01T00:00:00Z"}
    with pytest.raises(Malformed, match="FinishedAt"):
        event.receive(body(run, detail_type="metric_extractor_run"), NOW)


def test_a_detail_of_more_than_200_kb_is_rejected_as_too_large() -> None:
    """A queue accepts messages of up to 256 KB, including the envelope."""
    with pytest.raises(Malformed) as rejected:
        event.receive(body({**BASE, "MetricValue": "x" * 204_800}), NOW)
    assert rejected.value.code == "TooLarge"


def with_values(number: int) -> str:
    """Return an event whose detail has this many JSON values."""
    return body({**BASE, "Metadata": {"a": [1] * (number - len(BASE) - 2)}})


def test_a_detail_of_too_many_values_is_rejected_as_too_large() -> None:
    """A value costs the archive the same whatever its bytes: 200 KB of numbers took a second of a full processor."""
    received = event.receive(with_values(event.MAX_DETAIL_VALUES), NOW)
    assert len(received.detail["Metadata"]["a"]) == event.MAX_DETAIL_VALUES - 8
    with pytest.raises(Malformed, match="10001 JSON values, 10000 are allowed") as rejected:
        event.receive(with_values(event.MAX_DETAIL_VALUES + 1), NOW)
    assert rejected.value.code == "TooLarge"


@pytest.mark.parametrize(
    "metadata",
    [
        '{"a":[' + "1," * 99_000 + "1]}",
        '{"a":[' + "[],\n" * 49_000 + "{}]}",
        "{" + '"a":1,' * 33_000 + '"a":1}',
        "{" + ",".join(f'"{number:x}":1' for number in range(20_000)) + "}",
        '{"a":' + "[" * 90_000 + "]" * 90_000 + "}",
        '{"a":[' + '"\\"",' * 30_000 + '"]"]}',
        '{"a":[' + "0." + "1" * 38 + ",".join([""] + ["0.5"] * 40_000) + "]}",
    ],
    ids=["numbers", "lists", "one key", "keys", "depth", "texts", "fractions"],
)
def test_too_many_values_are_rejected_before_they_are_read(monkeypatch: pytest.MonkeyPatch, metadata: str) -> None:
    """Reading is what costs."""
    monkeypatch.setattr(canonical_json, "loads", lambda _: pytest.fail("the event was read"))
    text = body().replace('"Metadata": {}', f'"Metadata": {metadata}')
    with pytest.raises(Malformed, match=r"JSON values, 10000 are allowed") as rejected:
        event.receive(text, NOW)
    assert rejected.value.code == "TooLarge"


def test_values_around_the_detail_are_counted_too() -> None:
    """A sender chooses `resources` as well."""
    with pytest.raises(Malformed, match="JSON values") as rejected:
        event.receive(body(resources=["r"] * 20_000), NOW)
    assert rejected.value.code == "TooLarge"


def test_a_long_text_is_one_value() -> None:
    """Whatever is in it."""
    text = 'a,[{"\\' * 20_000
    assert event.receive(body({**BASE, "MetricValue": text}), NOW).detail["MetricValue"] == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hello", "not JSON"),
        ("[]", "not an object"),
        ("{}", "'account'"),
        (body(account=7), "'account'"),
        (body(source="another"), "source is 'another'"),
        (body(detail_type="another"), "detail-type is 'another'"),
        (body([]), "detail is not an object"),
        (body({}), "refresh"),
        (body({"RefreshId": "r"}), "refresh"),
    ],
)
def test_a_message_that_is_not_an_event_is_rejected_with_a_reason(text: str, message: str) -> None:
    """`Malformed` is the only exception, so no message gets lost."""
    with pytest.raises(Malformed, match=message):
        event.receive(text, NOW)


def test_a_run_and_a_failure_are_received() -> None:
    """The hub stores both: which spokes responded, and what failed."""
    assert event.receive(body(RUN, detail_type="metric_extractor_run"), NOW).kind is Kind.RUN
    failure = {key: BASE[key] for key in ("MetricName", "ExtractionDate", "Environment", "ProjectName")}
    failure |= {"ErrorType": "MetricDenied", "ErrorMessage": "Jobs needs sagemaker:ListTrainingJobs"}
    assert event.receive(body(failure, detail_type="metric_extractor_failure"), NOW).kind is Kind.FAILURE


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("2026-11-23T20:48:00.123456Z", "2026-11-23T20:48:00.123456Z"),
        ("2026-11-23T20:48:00Z", "2026-11-23T20:48:00.000000Z"),
        ("2026-11-23T21:48:00.123456+01:00", "2026-11-23T20:48:00.123456Z"),
        ("2026-11-23T15:18:00-0530", "2026-11-23T20:48:00.000000Z"),
        ("2026-11-23 20:48:00.123456", "2026-11-23T20:48:00.123456Z"),
        ("2026-11-23T20:48:00.123456789Z", "2026-11-23T20:48:00.123456Z"),
        ("0099-01-01T00:00:00Z", "0099-01-01T00:00:00.000000Z"),
    ],
)
def test_accepted_forms_of_a_date_are_stored_as_one(sent: str, stored: str) -> None:
    """Producers that were written for the AWS sample are accepted, and the range key sorts as time does."""
    assert dates.format_instant(dates.parse(sent)) == stored


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-11-23",
        "2026-11-23T20:48:00.123456",
        "2026-02-30T00:00:00Z",
        "2026-11-23T25:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-W48-1T00:00:00Z",
        "1764000000",
        "2026-11-23T20:48:00Z\n",
    ],
)
def test_a_date_in_another_form_is_rejected(text: str) -> None:
    """A date without an offset is ambiguous, except in the sample's form."""
    with pytest.raises(dates.InvalidDate):
        dates.parse(text)


def test_an_empty_refresh_requests_all_metrics_of_all_spokes() -> None:
    """`detail` may be empty."""
    refresh = Refresh.from_detail({})
    assert refresh.matches(Project("Any", "where"))
    assert refresh.metrics is None
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{26}", refresh.refresh_id)


def test_a_refresh_matches_the_projects_and_environments_in_it() -> None:
    """Both must match, and an empty list matches nothing."""
    refresh = Refresh.from_detail({"Projects": ["P"], "Environments": ["dev", "prod"]})
    assert refresh.matches(Project("P", "dev"))
    assert not refresh.matches(Project("P", "test"))
    assert not refresh.matches(Project("Q", "dev"))
    assert not Refresh.from_detail({"Projects": []}).matches(Project("P", "dev"))


def test_a_refresh_without_an_id_gets_the_id_of_its_event() -> None:
    """A redelivery keeps the event's ID, so it is the same request."""
    assert Refresh.from_detail({}, event_id="e-1").refresh_id == "e-1"
    assert Refresh.from_detail({"RefreshId": "r-1"}, event_id="e-1").refresh_id == "r-1"


def test_a_keyword_that_no_scheduler_replaced_is_not_an_id() -> None:
    """All runs of the schedule would be one request, and all but the first would be answered from memory."""
    detail = {"RefreshId": "schedule-<aws.scheduler.scheduled-time>"}
    assert Refresh.from_detail(detail).refresh_id != Refresh.from_detail(detail).refresh_id
    filled = {"RefreshId": "schedule-2026-11-24T12:00:00Z"}
    assert Refresh.from_detail(filled).refresh_id == "schedule-2026-11-24T12:00:00Z"


def test_a_written_refresh_reads_back_equal() -> None:
    """The hub writes it, and the spokes read it."""
    refresh = Refresh.from_detail({"RefreshId": "r", "Metrics": ["B", "A"], "Projects": ["P"], "Environments": None})
    assert Refresh.from_detail(canonical_json.loads(refresh.detail())) == refresh


@pytest.mark.parametrize(
    "sent", ["2026-11-01T00:00:00Z", "2026-11-01T01:00:00+01:00", "2026-11-01 00:00:00.000000"], ids=str
)
def test_a_refresh_as_of_a_past_instant_has_the_id_of_the_instant(sent: str) -> None:
    """A value that is computed again is the same event, whoever asks for it and however the instant is written."""
    refresh = Refresh.from_detail({"AsOf": sent, "RefreshId": "r-1"}, event_id="e-1")
    assert refresh.as_of == datetime(2026, 11, 1, tzinfo=UTC)
    assert refresh.refresh_id == "asof-2026-11-01T00:00:00.000000Z"
    assert '"AsOf":"2026-11-01T00:00:00.000000Z"' in refresh.detail()


def test_a_refresh_with_arguments_and_an_instant_reads_back_equal() -> None:
    """The hub writes it, and the spokes read it. A metric without arguments is computed as it is deployed."""
    detail = {"Metrics": ["Owner", "Jobs"], "AsOf": "2026-11-01T00:00:00Z"}
    refresh = Refresh.from_detail({**detail, "Arguments": {"Owner": {"parameter_name": "/b"}, "Jobs": {}}})
    assert refresh.arguments == {"Owner": {"parameter_name": "/b"}}
    assert Refresh.from_detail(canonical_json.loads(refresh.detail())) == refresh
    assert Refresh.from_detail({}).arguments == {}


@pytest.mark.parametrize(
    ("detail", "message"),
    [
        ({"AsOf": "soon"}, "AsOf: 'soon' is not a date"),
        ({"AsOf": "9999-01-01T00:00:00Z"}, "AsOf is 9999-01-01T00:00:00.000000Z, which is not past"),
        ({"AsOf": 20261101}, "detail.AsOf must be string"),
        ({"RefreshId": "asof-2026-11-01T00:00:00.000000Z"}, "that of a refresh with AsOf"),
        ({"Arguments": {"Owner": {"n": 3}}}, "detail.Arguments.Owner.n must be string"),
        ({"Arguments": {"Owner": "n=3"}}, "detail.Arguments.Owner must be object"),
        ({"Arguments": {"Owner": {"a=1;b": "x"}}}, "Arguments.Owner must not contain 'a=1;b'"),
        ({"Arguments": {"Owner": {"name\n": "x"}}}, "is not the name of an argument"),
        ({"Arguments": {"a#b": {"n": "3"}}}, "Arguments must not contain 'a#b'"),
        ({"Arguments": {"Owner": {"n": "x" * 125}}}, "134 characters, 128 are allowed"),
        ({"Arguments": {"{Owner}": {"n": "x" * 129}}}, "Owner}.n must be shorter"),
        ({"Arguments": {str(number): {"n": "3"} for number in range(101)}}, "less than or equal to 100"),
        ({"Arguments": {"Owner": {"n": "3"}}, "Metrics": ["Jobs"]}, "'Owner', which is not in Metrics"),
        ({"Arguments": {"Owner": {"n": "\uffff"}}}, "no queue accepts"),
    ],
)
def test_a_wrong_instant_or_argument_is_refused_by_its_name(detail: Any, message: str) -> None:
    """A spoke that ignored it would send values of the present, or of other arguments."""
    with pytest.raises(InvalidRefresh, match=re.escape(message)):
        Refresh.from_detail(detail)


def test_a_run_says_what_has_nothing_to_report() -> None:
    """Its reason is shown, so it is bounded; the names are those of series."""
    run = {**RUN, "NothingToReport": {"Owner(parameter_name=/b)": "no parameter"}, "AsOf": "2026-11-01T00:00:00Z"}
    assert event.receive(body(run, detail_type="metric_extractor_run"), NOW).is_as_of
    for wrong, message in (
        ({"NothingToReport": {"Jobs": 1}}, "detail.NothingToReport.Jobs must be string"),
        ({"NothingToReport": {"Jobs": "x" * 513}}, "512 characters"),
        ({"NothingToReport": {"a#b": "x"}}, "must not contain 'a#b'"),
        ({"AsOf": "soon"}, "detail.AsOf: 'soon' is not a date"),
    ):
        with pytest.raises(Malformed, match=re.escape(message)):
            event.receive(body({**RUN, **wrong}, detail_type="metric_extractor_run"), NOW)


@pytest.mark.parametrize(
    ("detail", "message"),
    [
        ({"Metric": ["A"]}, "Metric"),
        ({"Metrics": "A"}, "Metrics"),
        ({"Projects": ["a/b"]}, "Projects"),
        ({"Environments": [1]}, "Environments"),
        ({"RefreshId": ""}, "RefreshId"),
        ({"RefreshId": "r\uffff"}, "no queue accepts"),
        ([], "object"),
        ("all", "object"),
    ],
)
def test_an_unknown_key_of_a_refresh_is_rejected_by_its_name(detail: Any, message: str) -> None:
    """If it were ignored, the refresh would request everything from all spokes."""
    with pytest.raises(InvalidRefresh, match=message):
        Refresh.from_detail(detail)


def test_ulids_sort_by_time_and_differ() -> None:
    """Refreshes are listed in their order."""
    many = [ulid.new() for _ in range(1000)]
    assert len(set(many)) == 1000
    assert [one[:10] for one in many] == sorted(one[:10] for one in many)
