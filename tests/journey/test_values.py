"""Exact values from the metric to the hub's tables, failures with their reasons, and logs that trace each value."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.worlds.company.world import ALPHA, BRAVO, ENDPOINTS, SPOKES, TRAINING_JOBS, Company

from ds_dashboard_dev.testing.installation import Hub, Spoke
from ds_dashboard_dev.testing.waiting import eventually

ALPHAS_FAILURES = {
    "Broken": ("LookupError", "no table of that name"),
    "NotANumber": ("MetricValueRefused", "NaN"),
    "Undeclared": ("MetricDenied", "sagemaker:ListNotebookInstances"),
}
EVENTS_OF_METRICS = ("metric_extractor", "metric_extractor_failure")


@pytest.fixture(scope="module")
def refresh_id(central: Hub) -> str:
    """A refresh that all spokes have answered."""
    return central.refreshed(*SPOKES)


@pytest.fixture(scope="module")
def alphas_refresh_id(central: Hub, refresh_id: str) -> str:
    """A later refresh that only Alpha has answered; the tests of `refresh_id` read the latest values before."""
    return central.refreshed("Alpha/dev", Projects=["Alpha"])


def test_every_spoke_responds_with_exact_values(central: Hub, refresh_id: str) -> None:
    """Fractions and 38 digits survive Python, JSON, two buses, and a queue, and are decimals in the table."""
    values = central.values(refresh_id)
    assert values.keys() == set(SPOKES)
    del values["Alpha/dev"]["Reach"]
    assert values == {
        "Alpha/dev": {
            "Accuracy": Decimal("0.12345678901234567890123456789"),
            "EndpointsOfTheSample": ENDPOINTS,
            "Fraction": Decimal("0.1"),
            "JobsByStatus": 5,
            "ManyDigits": Decimal("12345678901234567890.123456789012345678"),
            "ModelVersion": "v7",
            "Nothing": 0,
            "Release": "v1.2.3 grün",
        },
        "Bravo/prod": {
            "Accuracy": Decimal("97.5"),
            "ManyDigits": Decimal("12345678901234567890.123456789012345678"),
            "TotalCompletedTrainingJobs": TRAINING_JOBS,
        },
        "Charlie/dev": {"Fraction": Decimal("0.1"), "NumberEndPointsInService": ENDPOINTS},
    }


def test_the_latest_table_agrees_with_the_history(central: Hub, refresh_id: str) -> None:
    """A reader of the current state never reads the history, and must see the same values."""
    for spoke in SPOKES:
        latest = {name: item for name, item in central.latest(spoke).items() if item.get("RefreshId") == refresh_id}
        assert {name: item["MetricValue"] for name, item in latest.items()} == central.values(refresh_id)[spoke]


def test_an_item_names_its_origin(central: Hub, refresh_id: str) -> None:
    """Account and region come from EventBridge, not from the sender."""
    (item,) = central.history(RefreshId=refresh_id, ProjectName="Bravo", MetricName="TotalCompletedTrainingJobs")
    assert (item["AccountId"], item["Region"], item["Unit"]) == (BRAVO, "us-east-1", "Count")
    assert item["Series"] == "Bravo#prod#TotalCompletedTrainingJobs"
    assert item["ExtractionDate"] == item["SentExtractionDate"]


def test_a_breakdown_arrives_with_its_headline_value(central: Hub, refresh_id: str) -> None:
    """A chart by status must add up to the number that is shown."""
    (item,) = central.history(RefreshId=refresh_id, MetricName="JobsByStatus")
    assert {row["Dimensions"]["Status"]: row["Value"] for row in item["Breakdown"]} == {"Completed": 3, "Failed": 2}


def test_a_failure_has_its_reason_and_is_never_a_zero(central: Hub, refresh_id: str) -> None:
    """A gap in a chart says that the value is unknown. A zero would say that there was nothing to count."""
    failures = central.failures(refresh_id)["Alpha/dev"]
    assert failures.keys() == ALPHAS_FAILURES.keys()
    for metric, (error_type, message) in ALPHAS_FAILURES.items():
        assert failures[metric]["ErrorType"] == error_type
        assert message in failures[metric]["ErrorMessage"]
        assert central.history(MetricName=metric) == []
        assert metric not in central.latest("Alpha/dev")


def test_the_spokes_table_shows_who_answered(central: Hub, refresh_id: str) -> None:
    """An operator sees each spoke's last answer and its metrics without access to the spoke."""
    spokes = central.spokes()
    assert {name: spokes[name]["LastRefreshId"] for name in SPOKES} == dict.fromkeys(SPOKES, refresh_id)
    assert (spokes["Alpha/dev"]["Emitted"], spokes["Alpha/dev"]["Failed"]) == (9, 3)
    assert spokes["Alpha/dev"]["AccountId"] == ALPHA
    assert spokes["Bravo/prod"]["ScheduleExpression"] == "rate(1 day)"
    assert set(spokes["Charlie/dev"]["Metrics"]) == {"Fraction", "NumberEndPointsInService"}


def test_the_extraction_logs_one_line_per_metric_and_one_per_run(alpha: Spoke, alphas_refresh_id: str) -> None:
    """Every line costs money, so there are few, and each metric is on one line."""
    alpha.wait_for_log(event="metric_extractor_run", RefreshId=alphas_refresh_id)
    lines = [line for event in EVENTS_OF_METRICS for line in alpha.log(event=event, RefreshId=alphas_refresh_id)]
    metrics = [line["MetricName"] for line in lines]
    assert sorted(metrics) == sorted(alpha.outputs["metric_permissions"])
    (run,) = alpha.log(event="metric_extractor_run", RefreshId=alphas_refresh_id)
    assert (run["Emitted"], run["Failed"]) == (9, 3)


def test_an_event_id_leads_from_the_spokes_log_to_the_history(
    central: Hub, alpha: Spoke, alphas_refresh_id: str
) -> None:
    """The spoke's log, the archive's log, and the item have the same id."""
    alpha.wait_for_log(event="metric_extractor_run", RefreshId=alphas_refresh_id)
    lines = alpha.log(event="metric_extractor", RefreshId=alphas_refresh_id)
    sent = {line["EventId"]: line["MetricName"] for line in lines}
    items = {item["EventId"]: item["MetricName"] for item in central.history(RefreshId=alphas_refresh_id)}
    assert len(sent) == 9
    assert items == sent
    deliveries = central.deliveries()
    assert {deliveries[event_id] for event_id in sent} == {1}


def test_an_event_id_leads_from_a_failure_to_its_stack_trace(
    central: Hub, alpha: Spoke, alphas_refresh_id: str
) -> None:
    """The stack trace, which the metric's author needs, stays in the spoke's log."""
    failure = central.failures(alphas_refresh_id)["Alpha/dev"]["Broken"]
    (line,) = alpha.log(EventId=failure["EventId"])
    assert (line["event"], line["MetricName"]) == ("metric_extractor_failure", "Broken")
    traces = alpha.log(event="metric_failed", MetricName="Broken", requestId=line["requestId"])
    assert [trace["errorType"] for trace in traces] == ["LookupError"]
    assert "failing.py" in "".join(traces[0]["stackTrace"])


def test_the_archive_logs_one_line_per_batch(central: Hub, alphas_refresh_id: str) -> None:
    """A line for each event would cost more than the table."""
    central.settle()
    starts = {line["record"]["requestId"] for line in central.log_of("archive", type="platform.report")}
    batches = [line["requestId"] for line in central.log_of("archive", event="batch")]
    assert len(batches) == len(set(batches))
    assert starts <= set(batches)


def test_the_refresh_function_logs_the_event_that_it_emitted(central: Hub, alphas_refresh_id: str) -> None:
    """The search for a missing answer starts at the event that was sent."""
    (line,) = central.log_of("refresh", RefreshId=alphas_refresh_id)
    assert line["event"] == "refresh"
    assert line["EventId"]


def test_a_metric_that_hangs_does_not_delay_the_others(company: Company, outpost_hub: Hub) -> None:
    """Shortly before its timeout, the extraction emits the values it has and reports the missing ones as failures."""
    refresh_id = company.slow_refresh_id
    eventually(lambda: "Hangs" in outpost_hub.failures(refresh_id).get("Outpost/dev", {}), "the failure of Hangs")
    outpost_hub.settle()
    failure = outpost_hub.failures(refresh_id)["Outpost/dev"]["Hangs"]
    assert outpost_hub.values(refresh_id) == {"Outpost/dev": {"Release": "v1.2.3 grün"}}
    assert failure["ErrorType"] == "MetricOutOfTime"
    assert "timeout_seconds" in failure["ErrorMessage"]
