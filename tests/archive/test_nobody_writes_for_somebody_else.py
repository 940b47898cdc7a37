"""What is refused goes verbatim to the rejected queue, with a reason, and writes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import OTHER, SPOKE, Hub, body, result

RUN = {
    "ProjectName": "P",
    "Environment": "dev",
    "StartedAt": "2026-11-24T10:59:00.000000Z",
    "FinishedAt": "2026-11-24T11:00:00.000000Z",
    "Emitted": 1,
    "Failed": 0,
    "Metrics": ["Jobs"],
}
FAILURE = {
    "MetricName": "Jobs",
    "ErrorType": "MetricDenied",
    "ErrorMessage": "Jobs needs sagemaker:ListTrainingJobs",
    "ExtractionDate": "2026-11-24T11:00:00.000000Z",
    "Environment": "dev",
    "ProjectName": "P",
    "RefreshId": "r-1",
}


@pytest.mark.parametrize(
    ("detail", "kind"),
    [
        (result(), "metric_extractor"),
        (RUN, "metric_extractor_run"),
        (FAILURE, "metric_extractor_failure"),
    ],
)
def test_an_account_that_is_not_registered_for_the_project_is_refused(
    hub: Hub, detail: dict[str, Any], kind: str
) -> None:
    """Results, failures and run events alike."""
    forged = body(detail, account=OTHER, kind=kind)
    assert hub.archive(forged) == []
    assert (hub.history(), hub.items("latest"), hub.items("spokes")) == ([], [], [])
    (rejected,) = hub.rejected()
    assert rejected["body"] == forged
    assert rejected["Code"] == "Unregistered"
    assert f"account {OTHER} sent for P/dev" in rejected["Reason"]
    assert SPOKE in rejected["Reason"]
    assert rejected["AccountId"] == OTHER


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("no event", "Malformed"),
        (body(result(), source="intruder"), "Malformed"),
        (body({}), "Malformed"),
        (body(result(MetricValue=None)), "Malformed"),
        (body(result(ExtractionDate="2099-01-01T00:00:00Z")), "DateAhead"),
        (body(result(MetricValue="x" * 210_000)), "TooLarge"),
        (body(result(MetricName="\x00\x1b[31m\"'", Environment="a/b")), "Malformed"),
    ],
)
def test_what_breaks_the_contract_is_put_aside_and_the_rest_goes_on(hub: Hub, sent: str, code: str) -> None:
    """One bad message takes no good one with it."""
    assert hub.archive(sent, body(result())) == []
    (rejected,) = hub.rejected()
    assert (rejected["body"], rejected["Code"]) == (sent, code)
    assert len(hub.history()) == 1


def test_a_redriven_message_is_accepted_once_its_project_is_registered(hub: Hub) -> None:
    """The operator registers the project and sends the message back: nothing was lost."""
    hub.archive(body(result(ProjectName="New")))
    (rejected,) = hub.rejected()
    hub.register("New/dev", SPOKE)
    hub.registration = hub.registration.__class__(hub.settings.monitored_projects_path)
    assert hub.archive(rejected["body"]) == []
    assert len(hub.history()) == 1


def test_a_spoke_is_one_item_from_its_newest_run(hub: Hub) -> None:
    """Runs arrive out of order as everything does."""
    newer = {**RUN, "FinishedAt": "2026-11-24T11:30:00.000000Z", "Emitted": 5, "RefreshId": "r-2"}
    hub.archive(body(newer, kind="metric_extractor_run"))
    hub.archive(body(RUN, kind="metric_extractor_run"))
    (spoke,) = hub.items("spokes")
    assert spoke["Project"] == "P#dev"
    assert (spoke["AccountId"], spoke["Emitted"], spoke["LastRefreshId"]) == (SPOKE, 5, "r-2")
    assert spoke["LastSeen"] == "2026-11-24T11:30:00.000000Z"


def test_the_newest_failure_of_each_metric_stands_with_its_spoke(hub: Hub) -> None:
    """Before the run event, after it, and beside failures of other metrics."""
    later = {**FAILURE, "ExtractionDate": "2026-11-24T11:30:00.000000Z", "ErrorType": "MetricThrottled"}
    other = {**FAILURE, "MetricName": "a.b-c", "ErrorType": "ValueError"}
    hub.archive(body(later, kind="metric_extractor_failure"))
    hub.archive(body(RUN, kind="metric_extractor_run"))
    hub.archive(body(FAILURE, kind="metric_extractor_failure"), body(other, kind="metric_extractor_failure"))
    (spoke,) = hub.items("spokes")
    assert {name: failure["ErrorType"] for name, failure in spoke["Failures"].items()} == {
        "Jobs": "MetricThrottled",
        "a.b-c": "ValueError",
    }
    assert spoke["Emitted"] == 1
    assert hub.history() == []
