"""Runs as of a past instant: they fill the history, and say nothing about the present."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import FAILURE, NOW, RUN, Hub, body, result

INSTANT, EARLIER = "2026-11-01T00:00:00.000000Z", "2026-10-31T00:00:00.000000Z"


def value(instant: str = INSTANT, **changes: Any) -> str:
    """Return the result of a metric as of an instant."""
    return body(
        result(ExtractionDate=instant, RefreshId=f"asof-{instant}", Metadata={"AsOf": True}, **changes),
    )


def failure(instant: str = INSTANT, *, put_at: str = "2026-11-24T11:59:00Z", **changes: Any) -> str:
    """Return the failure of a metric as of an instant, as it was put on the bus at `put_at`."""
    detail = {**FAILURE, "ExtractionDate": instant, "RefreshId": f"asof-{instant}", **changes}
    return body(detail, kind="metric_extractor_failure", time=put_at)


def run(instant: str = INSTANT, **changes: Any) -> str:
    """Return the run event of an extraction as of an instant."""
    detail = {**RUN, "RefreshId": f"asof-{instant}", "AsOf": instant, "Emitted": 7, **changes}
    return body(detail, kind="metric_extractor_run")


def spoke(hub: Hub) -> dict[str, Any]:
    """Return the item of the only spoke."""
    (item,) = hub.items("spokes")
    return item


def test_a_run_as_of_an_instant_replaces_nothing_of_the_latest_run(hub: Hub) -> None:
    """Otherwise a backfill would show the counts of a past day as those of now, and hide what fails."""
    hub.archive(
        body({**RUN, "NothingToReport": {"Mean": "no data"}, "RefreshId": "r-1"}, kind="metric_extractor_run"),
        body(FAILURE, kind="metric_extractor_failure"),
    )
    before = spoke(hub)
    events = [
        value(),
        failure(),
        run(FinishedAt="2026-11-24T11:30:00Z", NothingToReport={"Jobs": "none in the window"}),
    ]
    hub.archive(*events)
    after = spoke(hub)
    assert {name: after[name] for name in before} == before
    assert (after["AsOf"]["RefreshId"], after["AsOf"]["Emitted"]) == (f"asof-{INSTANT}", 7)
    assert after["AsOf"]["NothingToReport"] == {"Jobs": "none in the window"}
    assert after["AsOfFailures"]["Jobs"]["ErrorType"] == "MetricDenied"
    hub.archive(*reversed(events))
    assert (spoke(hub), len(hub.history())) == (after, 1), "a redelivery"


def test_the_latest_run_as_of_an_instant_is_the_one_that_ended_last(hub: Hub) -> None:
    """A backfill waits for it. Which instant it is for does not matter."""
    hub.archive(run(EARLIER, FinishedAt="2026-11-24T11:40:00Z"), run(INSTANT, FinishedAt="2026-11-24T11:30:00Z"))
    hub.archive(run(INSTANT, FinishedAt="2026-11-24T11:35:00Z"))
    assert spoke(hub)["AsOf"]["RefreshId"] == f"asof-{EARLIER}"
    hub.archive(run(INSTANT, FinishedAt="2026-11-24T11:50:00Z"))
    assert spoke(hub)["AsOf"]["RefreshId"] == f"asof-{INSTANT}"
    assert "LastSeen" not in spoke(hub), "the spoke's own run has not ended yet"


def test_a_spoke_has_the_failure_of_a_metric_that_was_sent_last(hub: Hub) -> None:
    """All failures of an instant have its date, so dates do not say which is the newest."""
    first = failure(INSTANT, put_at="2026-11-24T11:50:00Z")
    hub.archive(first)
    hub.archive(failure(EARLIER, put_at="2026-11-24T11:55:00Z"), failure(MetricName="Other"))
    hub.archive(first)
    assert {metric: one["ExtractionDate"] for metric, one in spoke(hub)["AsOfFailures"].items()} == {
        "Jobs": EARLIER,
        "Other": INSTANT,
    }


def test_runs_of_the_present_and_of_the_past_may_share_a_batch(hub: Hub) -> None:
    """Each is the newest of its own, and so are the failures of several instants."""
    hub.archive(
        body(RUN, kind="metric_extractor_run"),
        run(EARLIER, FinishedAt="2026-11-24T11:30:00Z"),
        failure(EARLIER, put_at="2026-11-24T11:55:00Z"),
        failure(INSTANT, put_at="2026-11-24T11:50:00Z"),
    )
    item = spoke(hub)
    assert (item["FinishedAt"], item["AsOf"]["RefreshId"]) == (RUN["FinishedAt"], f"asof-{EARLIER}")
    assert item["AsOfFailures"]["Jobs"]["ExtractionDate"] == EARLIER


def test_failures_as_of_instants_are_bounded_on_their_own(hub: Hub) -> None:
    """A backfill of many metrics takes no room from what fails now."""
    for start in range(0, 200, 100):
        many = [
            failure(MetricName=f"M{number}", ErrorMessage="x" * 4000, put_at=f"2026-11-24T11:{start // 100:02}:00Z")
            for number in range(start, start + 100)
        ]
        assert hub.archive(*many) == []
    assert 5_000 < len(json.dumps(spoke(hub)["AsOfFailures"]).encode()) < 14_000


def test_an_older_value_does_not_replace_the_latest_one(hub: Hub) -> None:
    """The history gets it, once."""
    hub.archive(body(result(MetricValue=5)))
    hub.archive(value(MetricValue=1))
    hub.archive(value(MetricValue=1))
    assert [item["MetricValue"] for item in hub.items("latest")] == [5]
    assert [item["MetricValue"] for item in hub.history()] == [1, 5]


def test_a_failure_as_of_an_instant_is_not_counted_for_the_alarm(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody has to repair the past."""
    hub.archive(failure(), body(FAILURE, kind="metric_extractor_failure"), now=NOW)
    counts = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "ExtractionFailures" in line]
    assert counts[-1]["ExtractionFailures"] == 1
