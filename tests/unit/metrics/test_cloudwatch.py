"""CloudWatch values: one call for a run, and no data is not zero."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from ds_dashboard import aws
from ds_dashboard.identity import Location
from ds_dashboard.metrics import NothingToReport, Reader
from ds_dashboard.metrics.cloudwatch import CloudWatchIncomplete, Statistic
from ds_dashboard.metrics.run import Run

NOW = datetime.now(UTC).replace(minute=52, second=30, microsecond=0)
SINCE = (NOW - timedelta(hours=24)).replace(minute=50, second=0)


class CloudWatch:
    """Answers each query with what `plan` says for its metric or search."""

    def __init__(self, plan: Callable[[dict[str, Any]], list[dict[str, Any]]]) -> None:
        self.plan = plan
        self.requests: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def get_metric_data(self, **request: Any) -> dict[str, Any]:
        with self._lock:
            self.requests.append(request)
        results = [
            {"Id": query["Id"], "StatusCode": "Complete", "Timestamps": [], "Values": [], **result}
            for query in request["MetricDataQueries"]
            for result in self.plan(query)
        ]
        return {"MetricDataResults": results}


@pytest.fixture
def cloudwatch(own_clients: None) -> Callable[[Callable[[dict[str, Any]], list[dict[str, Any]]]], CloudWatch]:
    def start(plan: Callable[[dict[str, Any]], list[dict[str, Any]]]) -> CloudWatch:
        fake = CloudWatch(plan)
        aws.use("cloudwatch", fake)
        return fake

    return start


def points(*values: float) -> dict[str, Any]:
    return {"Timestamps": [SINCE + timedelta(minutes=5) * number for number in range(len(values))], "Values": values}


def reader_of(run: Run) -> Reader:
    reader = Reader()
    reader.join(run)
    return reader


def invocations(endpoint: str) -> Statistic:
    return Statistic("AWS/SageMaker", "Invocations", {"EndpointName": endpoint, "VariantName": "all"}, "Sum")


def by_endpoint(query: dict[str, Any]) -> list[dict[str, Any]]:
    dimensions = {one["Name"]: one["Value"] for one in query["MetricStat"]["Metric"]["Dimensions"]}
    return [points(*map(float, range(len(dimensions["EndpointName"]))))] if dimensions["EndpointName"] else [{}]


def test_no_data_is_none_and_zero_is_zero(cloudwatch: Any) -> None:
    """An endpoint that was not called has no data, and a chart must not show a zero for a wrong name."""
    cloudwatch(lambda query: by_endpoint(query))
    nothing, zero, some = reader_of(Run(NOW)).statistics(
        [invocations(""), invocations("a"), invocations("abc")], Reader.window(reader_of(Run(NOW)), hours=24)
    )
    assert (nothing.total, nothing.largest, nothing.newest) == (None, None, None)
    assert (zero.total, zero.largest, zero.newest) == (0, 0, 0)
    assert (some.total, some.largest, some.newest) == (3, 2, 2)


def test_the_window_ends_at_a_full_period(cloudwatch: Any) -> None:
    """Then each period lies inside of the window, and the newest one is complete."""
    fake = cloudwatch(lambda query: [points(1.0)])
    reader = reader_of(Run(NOW))
    reader.statistics([invocations("a")], reader.window(hours=24))
    (request,) = fake.requests
    assert request["StartTime"] == SINCE
    assert request["EndTime"] == NOW.replace(minute=50, second=0)
    assert request["MetricDataQueries"][0]["MetricStat"]["Period"] == 300


@pytest.mark.parametrize(
    ("age", "hours", "period"), [(0, 24, 300), (0, 168, 3600), (40, 24, 300), (100, 24, 3600)], ids=str
)
def test_the_period_is_one_that_cloudwatch_still_has(cloudwatch: Any, age: int, hours: int, period: int) -> None:
    """Five-minute values are kept for 63 days, and hourly ones for 455 days."""
    fake = cloudwatch(lambda query: [{}])
    reader = reader_of(Run(NOW - timedelta(days=age), as_of=age > 0))
    reader.statistics([invocations("a")], reader.window(hours=hours))
    assert fake.requests[0]["MetricDataQueries"][0]["MetricStat"]["Period"] == period


def test_the_queries_of_a_run_go_out_together(cloudwatch: Any) -> None:
    """Each metric waits for the others, as long as those still have something to ask."""
    fake = cloudwatch(lambda query: by_endpoint(query))
    run = Run(NOW)

    def compute(number: int) -> Any:
        with run.compute(f"M{number}"):
            reader = reader_of(run)
            started.wait(10)
            return reader.statistics([invocations("x" * number)], reader.window(hours=24))[0].largest

    started = threading.Barrier(6)
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(compute, range(1, 7))) == [0, 1, 2, 3, 4, 5]
    assert len(fake.requests) == 1


def test_more_than_500_queries_are_several_calls(cloudwatch: Any) -> None:
    """GetMetricData accepts 500."""
    fake = cloudwatch(lambda query: by_endpoint(query))
    reader = reader_of(Run(NOW))
    found = reader.statistics([invocations("x" * (number % 7 + 1)) for number in range(1200)], reader.window(hours=24))
    assert [len(request["MetricDataQueries"]) for request in fake.requests] == [500, 500, 200]
    assert [one.largest for one in found] == [number % 7 for number in range(1200)]


def test_an_invalid_query_fails_alone(cloudwatch: Any) -> None:
    """CloudWatch rejects the whole call, and the other metrics are not at fault."""

    def plan(query: dict[str, Any]) -> list[dict[str, Any]]:
        if query["MetricStat"]["Stat"] == "wrong":
            raise ClientError({"Error": {"Code": "ValidationError", "Message": "wrong"}}, "GetMetricData")
        return [points(1.0)]

    cloudwatch(plan)
    run = Run(NOW)
    together = threading.Barrier(2)

    def compute(statistic: str) -> Any:
        with run.compute(statistic):
            reader = reader_of(run)
            together.wait(10)
            return reader.statistics([invocations("a")._replace(statistic=statistic)], reader.window(hours=24))[0].total

    with ThreadPoolExecutor(2) as pool:
        right, wrong = pool.submit(compute, "Sum"), pool.submit(compute, "wrong")
        assert right.result(10) == 1
        with pytest.raises(ClientError, match="wrong"):
            wrong.result(10)


@pytest.mark.parametrize("state", ["PartialData", "InternalError", "Forbidden"])
def test_an_incomplete_answer_fails(cloudwatch: Any, state: str) -> None:
    """A part of the calls of a day is not a number of calls."""
    cloudwatch(lambda query: [{**points(1.0), "StatusCode": state}])
    reader = reader_of(Run(NOW))
    with pytest.raises(CloudWatchIncomplete, match=f"AWS/SageMaker Invocations  with the status {state}"):
        reader.statistics([invocations("a")], reader.window(hours=24))


def test_periods_that_begin_elsewhere_fail(cloudwatch: Any) -> None:
    """They would be values of another window."""
    cloudwatch(lambda query: [{"Timestamps": [SINCE - timedelta(minutes=1)], "Values": [1.0]}])
    reader = reader_of(Run(NOW))
    with pytest.raises(CloudWatchIncomplete, match="with a period that begins at"):
        reader.statistics([invocations("a")], reader.window(hours=24))


def test_a_series_on_several_pages_is_one(stubbed: Callable[[str], Stubber]) -> None:
    """A page may end within a series, whose status is then partial until the last page."""
    stub = stubbed("cloudwatch")
    for at, state, token in ((0, "PartialData", "more"), (1, "Complete", None)):
        result = {
            "Id": "q0",
            "Label": "any",
            "StatusCode": state,
            "Timestamps": [SINCE + timedelta(minutes=5 * at)],
            "Values": [2.5],
        }
        page = {"MetricDataResults": [result]}
        stub.add_response("get_metric_data", {**page, "NextToken": token} if token else page)
    reader = reader_of(Run(NOW))
    assert reader.statistics([invocations("a")], reader.window(hours=24))[0].total == 5


def test_a_search_has_a_series_for_each_set_of_dimensions(cloudwatch: Any) -> None:
    """Quotes in names must not end the expression."""
    fake = cloudwatch(lambda query: [{"Label": "a||x||", **points(1.0)}, {"Label": "b||y||", **points(2.0)}])
    reader = reader_of(Run(NOW))
    found = reader.search(
        "AWS/SageMaker",
        ["EndpointName", "VariantName"],
        "Invocations",
        "Sum",
        reader.window(hours=24),
        where={"EndpointName": "o\"n'e"},
    )
    assert {key: series.total for key, series in found.items()} == {("a", "x"): 1, ("b", "y"): 2}
    query = fake.requests[0]["MetricDataQueries"][0]
    assert query["Label"] == "${PROP('Dim.EndpointName')}||${PROP('Dim.VariantName')}||${PROP('AccountId')}"
    assert query["Expression"] == (
        'SEARCH(\'{AWS/SageMaker,EndpointName,VariantName} MetricName="Invocations" '
        '"EndpointName"="o\\"n\\\'e"\', \'Sum\', 300)'
    )


def test_a_search_leaves_out_metrics_of_other_accounts_and_those_without_data(cloudwatch: Any) -> None:
    """A monitoring account of CloudWatch finds the metrics of all its source accounts, with the same dimensions."""
    found = [
        {"Label": "a||123456789012", **points(1.0)},
        {"Label": "a||999999999999", **points(50.0)},
        {"Label": "b||999999999999", **points(50.0)},
        {"Label": "c||123456789012"},
    ]
    cloudwatch(lambda query: found)
    reader = reader_of(Run(NOW, Location("123456789012", "eu-west-1", "aws")))
    series = reader.search("AWS/States", ["StateMachineArn"], "ExecutionsFailed", "Sum", reader.window(hours=24))
    assert {key: one.total for key, one in series.items()} == {("a",): 1}


def test_queries_that_find_too_much_together_are_sent_alone(cloudwatch: Any) -> None:
    """CloudWatch answers a part of them, with a message, as if that was everything."""

    class Limited(CloudWatch):
        def get_metric_data(self, **request: Any) -> dict[str, Any]:
            answer = super().get_metric_data(**request)
            if len(answer["MetricDataResults"]) <= most:
                return answer
            said = {"Code": "MaxMetricsExceeded", "Value": "Maximum number of allowed metrics exceeded"}
            return {"MetricDataResults": answer["MetricDataResults"][:most], "Messages": [said]}

    most = 2
    fake = Limited(lambda query: [{"Label": "a||", **points(1.0)}, {"Label": "b||", **points(2.0)}])
    aws.use("cloudwatch", fake)
    run = Run(NOW)
    together = threading.Barrier(2)

    def compute(metric: str) -> Any:
        with run.compute(metric):
            reader = reader_of(run)
            together.wait(10)
            return reader.search("AWS/States", ["StateMachineArn"], metric, "Sum", reader.window(hours=24)).keys()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(compute, ["ExecutionsFailed", "ExecutionsStarted"])) == [{("a",), ("b",)}] * 2
    assert [len(request["MetricDataQueries"]) for request in fake.requests] == [2, 1, 1]
    most = 1
    reader = reader_of(run)
    with pytest.raises(CloudWatchIncomplete, match=r"did not return everything \(MaxMetricsExceeded: Maximum number"):
        reader.search("AWS/States", ["StateMachineArn"], "ExecutionsFailed", "Sum", reader.window(hours=24))


@pytest.mark.parametrize(("days", "finds"), [(13, True), (14, False)])
def test_a_search_of_more_than_two_weeks_ago_has_nothing_to_report(cloudwatch: Any, days: int, finds: bool) -> None:
    """CloudWatch finds no metric that ended before, and a backfill would show that nobody used it."""
    cloudwatch(lambda query: [])
    reader = reader_of(Run(datetime.now(UTC) - timedelta(days=days, minutes=-1), as_of=True))

    def search() -> Any:
        return reader.search("AWS/Bedrock", ["ModelId"], "Invocations", "Sum", reader.window(hours=24))

    if finds:
        assert search() == {}
    else:
        with pytest.raises(NothingToReport, match="metrics that had data in the last two weeks"):
            search()


def test_a_search_with_as_many_series_as_cloudwatch_returns_fails(cloudwatch: Any) -> None:
    """There may be more of them."""
    cloudwatch(lambda query: [{"Label": f"e{number}||v||", **points(1.0)} for number in range(500)])
    reader = reader_of(Run(NOW))
    with pytest.raises(CloudWatchIncomplete, match="500 or more metrics Invocations by EndpointName, VariantName"):
        reader.search("AWS/SageMaker", ["EndpointName", "VariantName"], "Invocations", "Sum", reader.window(hours=24))
