"""What metrics share in a deployed spoke, and what a refresh can ask of it: each with its failure, and redelivered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from ds_dashboard import dates
from ds_dashboard_dev.testing.ledger import Totals
from ds_dashboard_dev.testing.pair import Pair
from ds_dashboard_dev.testing.traffic import Traffic
from ds_dashboard_dev.testing.waiting import eventually

Balance = Callable[[], Totals]
READERS = ["CountedParameters", "LongestParameter"]
HISTORICAL_DAYS = 400


def requested(pair: Pair, traffic: Traffic, metrics: list[str], **detail: Any) -> str:
    """Request metrics of North, twice the same event, and wait until the answers are in the tables."""
    request = {"Projects": ["North"], "Metrics": metrics, **detail}
    refresh_id = pair.hub.refresh(**request)
    traffic.wait_for_runs(refresh_id, pair.north)
    pair.hub.put({"RefreshId": refresh_id, **request})
    pair.hub.settle()
    return refresh_id


def north(pair: Pair) -> dict[str, Any]:
    """Return North's item in the spokes table."""
    return next(item for item in pair.hub.items("spokes") if item["Project"] == "North#dev")


def failures(pair: Pair, refresh_id: str) -> dict[str, str]:
    """Return the type of each failure of a refresh."""
    return {
        name: failure["ErrorType"]
        for name, failure in north(pair)["Failures"].items()
        if failure["RefreshId"] == refresh_id
    }


def values(pair: Pair, refresh_id: str) -> dict[str, Any]:
    """Return the values of a refresh in the history."""
    return {item["MetricName"]: item["MetricValue"] for item in pair.hub.history(RefreshId=refresh_id)}


def test_two_metrics_of_one_reading_make_its_calls_once(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """And a redelivered refresh makes none."""
    with pair.cloud.fault("ssm:DescribeParameters", kind="delay", delay=0.1, caller="*-extract") as calls:
        refresh_id = requested(pair, traffic, READERS)
    assert set(values(pair, refresh_id)) == set(READERS)
    assert calls.hits == 1
    assert balance().items == 2


def test_a_reading_that_fails_fails_for_both_metrics(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """Neither is zero, and the call is not made again for the second metric."""
    with pair.cloud.fault("ssm:DescribeParameters", code="AccessDeniedException", caller="*-extract") as denied:
        refresh_id = requested(pair, traffic, [*READERS, "Tenth"])
    assert failures(pair, refresh_id) == dict.fromkeys(READERS, "MetricDenied")
    assert set(values(pair, refresh_id)) == {"Tenth"}
    assert denied.hits == 1
    assert balance().items == 1


def test_a_run_out_of_time_emits_what_was_read(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """Half of the readings are done; the metrics of the others fail and say so."""
    refresh_id = requested(pair, traffic, [*READERS, "WaitsAsWell", "WaitsForever"])
    assert set(values(pair, refresh_id)) == set(READERS)
    assert failures(pair, refresh_id) == dict.fromkeys(["WaitsAsWell", "WaitsForever"], "MetricOutOfTime")
    assert balance().items == 2


def test_a_breakdown_that_is_larger_than_an_event_arrives_folded(
    pair: Pair, traffic: Traffic, balance: Balance
) -> None:
    """Its headline and its sum are exact."""
    refresh_id = requested(pair, traffic, ["Wide"])
    (item,) = pair.hub.history(RefreshId=refresh_id)
    rows = {row["Dimensions"]["Row"]: row["Value"] for row in item["Breakdown"]}
    assert item["MetricValue"] == sum(rows.values()) == sum(range(6000))
    assert item["Metadata"]["Folded"] == 6000 - len(rows) + 1
    assert rows["row-5999"] == 5999
    assert "row-0000" not in rows
    assert rows["other"] == sum(range(6000 - len(rows) + 1))
    assert balance().items == 1


def test_nothing_to_report_is_neither_a_value_nor_a_failure(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """The spokes table has the reason."""
    refresh_id = requested(pair, traffic, ["Quiet", "Tenth"])
    assert set(values(pair, refresh_id)) == {"Tenth"}
    assert failures(pair, refresh_id) == {}
    assert north(pair)["NothingToReport"]["Quiet"] == "no job ended in the window"
    assert balance().items == 1


def test_an_argument_at_run_time_is_a_series_or_a_failure(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """What the deployer did not allow is refused, with the line that allows it."""
    refresh_id = requested(pair, traffic, ["Number"], Arguments={"Number": {"number": "7"}})
    assert values(pair, refresh_id) == {"Number(number=7)": 7}
    refresh_id = requested(pair, traffic, ["Number"], Arguments={"Number": {"number": "8"}})
    assert values(pair, refresh_id) == {}
    assert failures(pair, refresh_id) == {"Number(number=8)": "ArgumentNotAllowed"}
    message = north(pair)["Failures"]["Number(number=8)"]["ErrorMessage"]
    assert 'at_runtime = { number = ["7", "8"] } in metric_instances["Number"]' in message
    assert balance().items == 1


def test_a_past_instant_is_answered_once_or_refused(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """The value has the instant as its date, and never replaces a newer one."""
    present = requested(pair, traffic, ["Dated"])
    today = values(pair, present)["Dated"]
    instant = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=30)
    refresh_id = requested(pair, traffic, ["Dated"], AsOf=dates.format_instant(instant))
    assert refresh_id == f"asof-{dates.format_instant(instant)}"
    (item,) = pair.hub.history(RefreshId=refresh_id)
    assert item["MetricValue"] == int(instant.timestamp()) // 86400
    assert item["ExtractionDate"] == dates.format_instant(instant)
    assert item["Metadata"] == {"AsOf": True}
    (latest,) = [one for one in pair.hub.items("latest") if one["MetricName"] == "Dated"]
    assert latest["MetricValue"] == today
    old = instant - timedelta(days=HISTORICAL_DAYS)
    requested(pair, traffic, ["Dated"], AsOf=dates.format_instant(old))
    eventually(lambda: "Dated" in north(pair).get("AsOfFailures", {}), "the failure of the old instant")
    failure = north(pair)["AsOfFailures"]["Dated"]
    assert failure["ExtractionDate"] == dates.format_instant(old)
    assert "Raise historical_days of modules/spoke and apply" in failure["ErrorMessage"]
    assert "Dated" not in north(pair)["Failures"]
    assert balance().items == 2
