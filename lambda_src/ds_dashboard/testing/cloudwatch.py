"""Canned values of CloudWatch metrics: `{"cloudwatch.get_metric_data": metric_data(Values(...), ...)}`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ds_dashboard.testing.shapes import NotInModel

_SEARCH = re.compile(r"""SEARCH\('\{([^}]*)\} MetricName="([^"]*)"(.*)', '([^']*)', (\d+)\)""")
_WHERE = re.compile(r'"([^"]+)"="([^"]*)"')


@dataclass(frozen=True)
class Values:
    """A metric of CloudWatch.

    Attributes:
        namespace: such as "AWS/SageMaker".
        metric: its name.
        dimensions: its exact set of dimensions; a query with another set finds nothing.
        values: of the last periods of any window that is asked for, oldest first. A period without data is None.
        statistic: the statistic that has these values.
        status: "Complete", or the status of an incomplete answer, such as "PartialData".
        account: the account that published it, if it is another one: searches of a monitoring account find it as well.
    """

    namespace: str
    metric: str
    dimensions: Mapping[str, str] = field(default_factory=dict)
    values: Sequence[float | None] = ()
    statistic: str = "Sum"
    status: str = "Complete"
    account: str = ""


def metric_data(*data: Values) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return the answer of GetMetricData for these metrics, to queries with `MetricStat` and to searches."""

    def answer(parameters: dict[str, Any]) -> dict[str, Any]:
        return {
            "MetricDataResults": [
                result for query in parameters["MetricDataQueries"] for result in _results(query, parameters, data)
            ]
        }

    return answer


def _results(
    query: Mapping[str, Any], parameters: Mapping[str, Any], data: Sequence[Values]
) -> Iterator[dict[str, Any]]:
    if "MetricStat" in query:
        stat = query["MetricStat"]
        wanted = stat["Metric"]
        dimensions = {one["Name"]: one["Value"] for one in wanted.get("Dimensions", ())}
        for one in data:
            if (one.namespace, one.metric, dict(one.dimensions), one.statistic) == (
                wanted["Namespace"],
                wanted["MetricName"],
                dimensions,
                stat["Stat"],
            ):
                yield _result(query, parameters, one, stat["Period"], wanted["MetricName"])
        return
    search = _SEARCH.fullmatch(query["Expression"])
    if search is None:
        raise NotInModel(f"metric_data does not evaluate {query['Expression']!r}: answer with a function of your own")
    schema, metric, where, statistic, period = search.groups()
    namespace, *names = schema.split(",")
    wanted_values = dict(_WHERE.findall(where))
    for one in data:
        has_values = all(one.dimensions.get(name) == value for name, value in wanted_values.items())
        is_named = (one.namespace, one.metric, one.statistic) == (namespace, metric, statistic)
        if has_values and is_named and set(one.dimensions) == set(names):
            yield _result(query, parameters, one, int(period), _label(query, one))


def _label(query: Mapping[str, Any], one: Values) -> str:
    properties = {f"Dim.{name}": value for name, value in one.dimensions.items()} | {"AccountId": one.account}
    return re.sub(r"\$\{PROP\('([^']*)'\)\}", lambda found: properties[found[1]], query.get("Label", one.metric))


def _result(
    query: Mapping[str, Any], parameters: Mapping[str, Any], one: Values, period: int, label: str
) -> dict[str, Any]:
    periods = int((parameters["EndTime"] - parameters["StartTime"]).total_seconds()) // period
    values = list(one.values)[-periods:] if periods else []
    first = parameters["StartTime"] + timedelta(seconds=period * (periods - len(values)))
    points = [(first + timedelta(seconds=period * i), value) for i, value in enumerate(values) if value is not None]
    return {
        "Id": query["Id"],
        "Label": label,
        "Timestamps": [at for at, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": one.status,
    }
