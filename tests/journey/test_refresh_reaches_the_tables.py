"""From the refresh function to the tables: every spoke's values, exact, and what has no value with its reason."""

from __future__ import annotations

from decimal import Decimal

import pytest

from .company import ALPHA, BRAVO, ENDPOINTS, SPOKES, TRAINING_JOBS
from .hub import Hub

ALPHAS_FAILURES = {
    "Broken": ("LookupError", "no table of that name"),
    "NotANumber": ("MetricValueRefused", "NaN"),
    "Undeclared": ("MetricDenied", "sagemaker:ListNotebookInstances"),
}


@pytest.fixture(scope="module")
def refresh_id(central: Hub) -> str:
    """A refresh that all spokes have answered."""
    return central.refreshed(*SPOKES)


def test_every_spoke_answers_with_exact_values(central: Hub, refresh_id: str) -> None:
    """Fractions and 38 digits survive: through Python, JSON, two buses and a queue into a decimal of the table."""
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


def test_the_latest_table_shows_what_the_history_has(central: Hub, refresh_id: str) -> None:
    """Who asks for the state of everything never reads history, and must see the same."""
    for spoke in SPOKES:
        latest = {name: item for name, item in central.latest(spoke).items() if item["RefreshId"] == refresh_id}
        assert {name: item["MetricValue"] for name, item in latest.items()} == central.values(refresh_id)[spoke]


def test_an_item_says_where_it_comes_from(central: Hub, refresh_id: str) -> None:
    """Account and region are EventBridge's word, not the sender's."""
    (item,) = central.history(RefreshId=refresh_id, ProjectName="Bravo", MetricName="TotalCompletedTrainingJobs")
    assert (item["AccountId"], item["Region"], item["Unit"]) == (BRAVO, "us-east-1", "Count")
    assert item["Series"] == "Bravo#prod#TotalCompletedTrainingJobs"
    assert item["ExtractionDate"] == item["SentExtractionDate"]


def test_a_breakdown_arrives_beside_its_headline(central: Hub, refresh_id: str) -> None:
    """A chart by status must add up to the number shown."""
    (item,) = central.history(RefreshId=refresh_id, MetricName="JobsByStatus")
    assert {row["Dimensions"]["Status"]: row["Value"] for row in item["Breakdown"]} == {"Completed": 3, "Failed": 2}


def test_a_failure_is_kept_with_its_reason_and_is_never_a_zero(central: Hub, refresh_id: str) -> None:
    """A gap in the chart says that nothing is known; a zero would say that nothing was there."""
    failures = central.failures(refresh_id)["Alpha/dev"]
    assert failures.keys() == ALPHAS_FAILURES.keys()
    for metric, (error_type, told) in ALPHAS_FAILURES.items():
        assert failures[metric]["ErrorType"] == error_type
        assert told in failures[metric]["ErrorMessage"]
        assert central.history(MetricName=metric) == []
        assert metric not in central.latest("Alpha/dev")


def test_the_spokes_table_says_who_answered(central: Hub, refresh_id: str) -> None:
    """An operator sees who answered, with how much, and which metrics a spoke has, without asking the spoke."""
    spokes = central.spokes()
    assert {name: spokes[name]["LastRefreshId"] for name in SPOKES} == dict.fromkeys(SPOKES, refresh_id)
    assert (spokes["Alpha/dev"]["Emitted"], spokes["Alpha/dev"]["Failed"]) == (9, 3)
    assert spokes["Alpha/dev"]["AccountId"] == ALPHA
    assert spokes["Bravo/prod"]["ScheduleExpression"] == "rate(1 day)"
    assert set(spokes["Charlie/dev"]["Metrics"]) == {"Fraction", "NumberEndPointsInService"}


def test_a_metric_that_hangs_holds_up_no_other(outpost_hub: Hub) -> None:
    """Shortly before its time is over, the extraction emits what it has and reports the rest."""
    refresh_id = outpost_hub.refreshed("Outpost/dev")
    assert outpost_hub.values(refresh_id) == {"Outpost/dev": {"Release": "v1.2.3 grün"}}
    failure = outpost_hub.failures(refresh_id)["Outpost/dev"]["Hangs"]
    assert failure["ErrorType"] == "MetricOutOfTime"
    assert "timeout_seconds" in failure["ErrorMessage"]
