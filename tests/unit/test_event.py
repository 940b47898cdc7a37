"""The event contract, as the archive holds senders to it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ds_dashboard import dates, event
from ds_dashboard.event import Kind, Malformed
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
    """An event as EventBridge delivers it; keyword arguments replace keys of the envelope, `_` standing for `-`."""
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


def test_the_six_keys_of_the_base_contract_are_enough() -> None:
    """Any producer that puts just those on the spoke's bus is accepted."""
    received = event.receive(body(), NOW)
    assert received.kind is Kind.RESULT
    assert received.project == Project("Project1", "dev")
    assert dates.format_instant(received.date) == "2026-11-24T11:59:00.123456Z"


def test_fractions_arrive_as_decimals() -> None:
    """Never as binary floats."""
    text = body().replace('"MetricValue": 3', '"MetricValue": 0.1000000000000000055511151231257827021')
    assert event.receive(text, NOW).detail["MetricValue"] == Decimal("0.1000000000000000055511151231257827021")


def test_a_redelivery_has_the_same_identity_under_another_event_id() -> None:
    """A retried PutEvents gets a new event id; the spelling of its JSON may change on the way too."""
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
    """Two spokes may say the same thing at the same microsecond."""
    assert event.receive(other, NOW).dedup_key != event.receive(body(), NOW).dedup_key


@pytest.mark.parametrize("missing", sorted(BASE))
def test_each_key_of_the_base_contract_is_required(missing: str) -> None:
    """Without any of them the value could not be placed."""
    with pytest.raises(Malformed):
        event.receive(body({key: value for key, value in BASE.items() if key != missing}), NOW)


@pytest.mark.parametrize(
    ("field", "value", "said"),
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
def test_a_wrong_value_is_refused_by_its_name(field: str, value: object, said: str) -> None:
    """Whoever looks into the rejected queue must see what to mend."""
    with pytest.raises(Malformed, match=said):
        event.receive(body({**BASE, field: value}), NOW)


def test_a_date_ahead_of_its_arrival_is_refused() -> None:
    """One value dated 2099 would freeze its series; a quarter of an hour is what clocks may differ."""
    late = dates.format_instant(NOW + timedelta(minutes=15))
    assert event.receive(body({**BASE, "ExtractionDate": late}), NOW).detail["ExtractionDate"] == late
    with pytest.raises(Malformed, match="60 minutes ahead") as refused:
        event.receive(body({**BASE, "ExtractionDate": dates.format_instant(NOW + timedelta(hours=1))}), NOW)
    assert refused.value.code == "DateAhead"


def test_a_run_dated_ahead_is_refused_too() -> None:
    """It would hide that the spoke fell silent."""
    run = {**RUN, "FinishedAt": "2099-01-01T00:00:00Z"}
    with pytest.raises(Malformed, match="FinishedAt"):
        event.receive(body(run, detail_type="metric_extractor_run"), NOW)


def test_a_detail_of_more_than_200_kb_is_refused_as_too_large() -> None:
    """A queue takes 256 KB a message, envelope included."""
    with pytest.raises(Malformed) as refused:
        event.receive(body({**BASE, "MetricValue": "x" * 204_800}), NOW)
    assert refused.value.code == "TooLarge"


@pytest.mark.parametrize(
    ("text", "said"),
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
def test_what_is_no_event_of_ours_is_refused_in_words(text: str, said: str) -> None:
    """It vanishes nowhere, and nothing raises anything but `Malformed`."""
    with pytest.raises(Malformed, match=said):
        event.receive(text, NOW)


def test_a_run_and_a_failure_are_received() -> None:
    """Both are kept by the hub: who answered, and what failed."""
    assert event.receive(body(RUN, detail_type="metric_extractor_run"), NOW).kind is Kind.RUN
    failure = {key: BASE[key] for key in ("MetricName", "ExtractionDate", "Environment", "ProjectName")}
    failure |= {"ErrorType": "MetricDenied", "ErrorMessage": "Jobs needs sagemaker:ListTrainingJobs"}
    assert event.receive(body(failure, detail_type="metric_extractor_failure"), NOW).kind is Kind.FAILURE
