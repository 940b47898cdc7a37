"""CloudWatch's GetMetricData: statistics, exact dimensions, SEARCH, labels, periods and pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard_local.client.accounts import Account

SPACE = "AWS/SageMaker"
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def dimensions(**values: str) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in values.items()]


def put(account: Account, value: float, hours: float = 1, name: str = "Invocations", **values: str) -> None:
    """Put a value of some hours ago."""
    point = {"MetricName": name, "Dimensions": dimensions(**values), "Value": value}
    account.cloudwatch.put_metric_data(
        Namespace=SPACE, MetricData=[{**point, "Timestamp": NOW - timedelta(hours=hours)}]
    )


def statistic(stat: str = "Sum", period: int = 3600, name: str = "Invocations", **values: str) -> dict[str, Any]:
    metric = {"Namespace": SPACE, "MetricName": name, "Dimensions": dimensions(**values)}
    return {"MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}


def search(terms: str, stat: str = "Sum", period: int = 86400) -> dict[str, Any]:
    return {"Expression": f"SEARCH('{terms}', '{stat}', {period})"}


def ask(account: Account, *queries: dict[str, Any], hours: int = 24, **arguments: Any) -> dict[str, Any]:
    numbered = [{"Id": f"q{number}", **query} for number, query in enumerate(queries)]
    window = {"StartTime": NOW - timedelta(hours=hours), "EndTime": NOW, "ScanBy": "TimestampAscending"}
    answer: dict[str, Any] = account.cloudwatch.get_metric_data(MetricDataQueries=numbered, **{**window, **arguments})
    return answer


def values(account: Account, *queries: dict[str, Any], **arguments: Any) -> list[list[float]]:
    return [result["Values"] for result in ask(account, *queries, **arguments)["MetricDataResults"]]


def test_a_metric_has_exactly_the_dimensions_of_the_query(account: Account) -> None:
    """A metric without dimensions is another one than those with, or calls count several times."""
    put(account, 1)
    put(account, 2, EndpointName="a")
    put(account, 4, EndpointName="a", VariantName="v")
    both = statistic(EndpointName="a", VariantName="v"), statistic(VariantName="v", EndpointName="a")
    assert values(account, statistic(), statistic(EndpointName="a"), *both) == [[1], [2], [4], [4]]
    answer = ask(account, statistic(EndpointName="b"))["MetricDataResults"]
    assert [(one["Values"], one["StatusCode"]) for one in answer] == [([], "Complete")]


def test_percentiles_are_computed(account: Account) -> None:
    for value in range(101):
        put(account, value)
    assert values(account, statistic("p95"), statistic("p50"), statistic("Maximum")) == [[95], [50], [100]]
    with pytest.raises(ClientError, match="The value P for parameter"):
        values(account, statistic("P"))


def test_periods_begin_at_the_start_time(account: Account) -> None:
    """The last 24 hours are one period, and not the parts of two days."""
    for hours in (1, 12, 24):
        put(account, 1, hours)
    put(account, 100, 25)
    put(account, 100, 0)
    (result,) = ask(account, statistic(period=86400))["MetricDataResults"]
    assert (result["Values"], result["Timestamps"]) == ([3], [NOW - timedelta(hours=24)])


def test_values_are_kept_for_more_than_a_year(account: Account) -> None:
    put(account, 7, 24 * 60)
    put(account, 8, 24 * 500)
    account.cloudwatch.list_metrics()
    assert values(account, statistic(period=86400), hours=24 * 61) == [[7]]
    assert values(account, statistic(period=86400), hours=24 * 501) == [[7]]


def test_a_search_finds_the_metrics_with_exactly_these_dimensions(account: Account) -> None:
    put(account, 1)
    put(account, 2, EndpointName="a")
    put(account, 3, EndpointName="a", VariantName="v")
    put(account, 4, EndpointName="b c", VariantName="v")
    put(account, 5, EndpointName="a", VariantName="v", name="Invocation5XXErrors")
    put(account, 6, 30, EndpointName="old", VariantName="v")
    schema = f"{{{SPACE},VariantName,EndpointName}}"
    label = {"Label": "${PROP('Dim.EndpointName')}/${PROP('Dim.VariantName')} ${PROP('MetricName')}"}
    answer = ask(account, {**search(f'{schema} MetricName="Invocations"'), **label})["MetricDataResults"]
    found = {one["Label"]: one["Values"] for one in answer}
    assert found == {"a/v Invocations": [3], "b c/v Invocations": [4]}
    assert {one["Id"] for one in answer} == {"q0"}
    assert values(account, search(f'{schema} MetricName="Invocations" EndpointName="b c"')) == [[4]]
    assert values(account, search(f'{schema} MetricName="Invocations" "EndpointName"="b"')) == []
    assert sorted(values(account, search(f"{schema} invocation"))) == [[3], [4], [5]]
    assert values(account, search(f'{{{SPACE},EndpointName}} MetricName="Invocations"')) == [[2]]


def test_values_are_cut_into_pages(account: Account) -> None:
    """A client that reads one page counts less, and the status says so."""
    for hours in range(1, 6):
        put(account, hours, hours, EndpointName="a")
    put(account, 9, EndpointName="b")
    queries = statistic(EndpointName="a"), statistic(EndpointName="none"), statistic(EndpointName="b")
    pages = [ask(account, *queries, MaxDatapoints=3)]
    while token := pages[-1].get("NextToken"):
        pages.append(ask(account, *queries, MaxDatapoints=3, NextToken=token))
    results = [[(one["Id"], one["Values"], one["StatusCode"]) for one in page["MetricDataResults"]] for page in pages]
    assert results == [
        [("q0", [5, 4, 3], "PartialData")],
        [("q0", [2, 1], "Complete"), ("q1", [], "Complete")],
        [("q2", [9], "Complete")],
    ]


def test_metric_math_is_an_error_and_not_no_data(account: Account) -> None:
    put(account, 1)
    answer = ask(account, {"Expression": "q1 * 2"}, {**statistic(), "ReturnData": False})["MetricDataResults"]
    assert [(one["Id"], one["StatusCode"]) for one in answer] == [("q0", "InternalError")]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (search('MetricName="Invocations"'), "SEARCH needs a schema"),
        (search("{AWS/SageMaker} a OR b"), "SEARCH has only terms"),
        (statistic(period=90), "must be a multiple of 60"),
    ],
)
def test_an_invalid_query_is_rejected(account: Account, query: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        ask(account, query)


def test_more_than_500_queries_are_rejected(account: Account) -> None:
    with pytest.raises(ClientError, match="must not have a size greater than 500"):
        ask(account, *[statistic()] * 501)
