"""From a number on a screen back to the run that computed it: by ids in the logs of spoke and hub."""

from __future__ import annotations

import pytest

from .hub import Hub
from .spoke import Spoke

KINDS = ("metric_extractor", "metric_extractor_failure")


@pytest.fixture(scope="module")
def refresh_id(central: Hub) -> str:
    """A refresh that Alpha alone has answered."""
    return central.refreshed("Alpha/dev", Projects=["Alpha"])


def test_the_extraction_logs_one_line_a_metric_and_one_a_run(alpha: Spoke, refresh_id: str) -> None:
    """Few lines, since every line is paid for, and each metric in one."""
    alpha.wait_for_log(event="metric_extractor_run", RefreshId=refresh_id)
    lines = [line for kind in KINDS for line in alpha.log(event=kind, RefreshId=refresh_id)]
    metrics = [line["MetricName"] for line in lines]
    assert sorted(metrics) == sorted(alpha.outputs["metric_permissions"])
    (run,) = alpha.log(event="metric_extractor_run", RefreshId=refresh_id)
    assert (run["Emitted"], run["Failed"]) == (9, 3)


def test_an_event_id_leads_from_the_spokes_log_to_the_history(central: Hub, alpha: Spoke, refresh_id: str) -> None:
    """The id in the spoke's line is the id in the archive's line and in the item."""
    alpha.wait_for_log(event="metric_extractor_run", RefreshId=refresh_id)
    sent = {line["EventId"]: line["MetricName"] for line in alpha.log(event="metric_extractor", RefreshId=refresh_id)}
    items = {item["EventId"]: item["MetricName"] for item in central.history(RefreshId=refresh_id)}
    assert len(sent) == 9
    assert items == sent
    passes = central.passes()
    assert {passes[event_id] for event_id in sent} == {1}


def test_an_event_id_leads_to_a_failure_and_to_its_trace(central: Hub, alpha: Spoke, refresh_id: str) -> None:
    """What the author needs, the stack trace, stays in the spoke's log."""
    failure = central.failures(refresh_id)["Alpha/dev"]["Broken"]
    (line,) = alpha.log(EventId=failure["EventId"])
    assert (line["event"], line["MetricName"]) == ("metric_extractor_failure", "Broken")
    traces = alpha.log(event="metric_failed", MetricName="Broken", requestId=line["requestId"])
    assert [trace["errorType"] for trace in traces] == ["LookupError"]
    assert "failing.py" in "".join(traces[0]["stackTrace"])


def test_the_archive_logs_one_line_a_batch(central: Hub, refresh_id: str) -> None:
    """A line an event would cost more than the table."""
    central.settle()
    starts = {line["record"]["requestId"] for line in central.log("archive_function_name", type="platform.report")}
    batches = [line["requestId"] for line in central.log("archive_function_name", event="batch")]
    assert len(batches) == len(set(batches))
    assert starts <= set(batches)


def test_the_refresh_function_logs_which_event_it_emitted(central: Hub, refresh_id: str) -> None:
    """Where an answer is missing, the search begins at the event that was sent."""
    (line,) = central.log("refresh_function_name", RefreshId=refresh_id)
    assert line["event"] == "refresh"
    assert line["EventId"]
