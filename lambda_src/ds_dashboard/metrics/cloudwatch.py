"""CloudWatch metrics: the queries of a run, sent together, and answers that tell no data from zero.

GetMetricData: 500 queries and 100,800 values per call, about 0.01 USD per 1,000 metrics. A metric is found by its exact
set of dimensions only; a wrong set has no data. Values with one-minute periods are kept for 15 days, five-minute ones
for 63 days, and hourly ones for 455 days.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from ds_dashboard.metrics.errors import IncompleteAnswer

if TYPE_CHECKING:
    from ds_dashboard.metrics.reader import Window
    from ds_dashboard.metrics.run import Run

_MAX_QUERIES = 500
_MAX_SERIES = 500
# How long a query waits for those of other metrics that are still being computed.
_COLLECT_SECONDS = 0.2
_SEPARATOR = "||"
_FIVE_MINUTES, _HOUR = 300, 3600
_FIVE_MINUTE_WINDOW = timedelta(hours=25)
_FIVE_MINUTE_AGE = timedelta(days=62)


class CloudWatchIncomplete(IncompleteAnswer):
    """CloudWatch did not return all values, or there may be more series than it returns."""


class _Limited(CloudWatchIncomplete):
    """CloudWatch left something out, because the queries of a call together find too much."""


class Statistic(NamedTuple):
    """A CloudWatch metric and a statistic of it.

    Attributes:
        namespace: such as "AWS/SageMaker".
        metric: its name.
        dimensions: its exact set of dimensions.
        statistic: "Sum", "Average", "Maximum", "Minimum", "SampleCount", or a percentile such as "p95".
    """

    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    statistic: str


class Search(NamedTuple):
    """All CloudWatch metrics of a name with an exact set of dimensions; `where` has values that some must have."""

    namespace: str
    dimensions: tuple[str, ...]
    metric: str
    statistic: str
    where: tuple[tuple[str, str], ...] = ()


Query = Statistic | Search


@dataclass
class Series:
    """Values of a CloudWatch metric, oldest first.

    Attributes:
        label: CloudWatch's label.
        times: when each period begins, in UTC.
        values: the statistic in each period that has data.
    """

    label: str = ""
    times: list[datetime] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    @property
    def total(self) -> float | int | None:
        """The sum of the values; None if there is no data."""
        return whole(sum(self.values)) if self.values else None

    @property
    def largest(self) -> float | int | None:
        """The largest value; None if there is no data."""
        return whole(max(self.values)) if self.values else None

    @property
    def newest(self) -> float | int | None:
        """The newest value; None if there is no data."""
        return whole(self.values[-1]) if self.values else None

    def _add(self, result: Mapping[str, Any]) -> None:
        points = sorted(zip([*self.times, *result["Timestamps"]], [*self.values, *result["Values"]], strict=True))
        self.times, self.values = [at for at, _ in points], [value for _, value in points]


def whole(value: float) -> float | int:
    """Return an integer if a value is one: CloudWatch has binary floating-point numbers only."""
    return int(value) if float(value).is_integer() else value


def by_dimensions(found: Sequence[Series], account: Callable[[], str]) -> dict[tuple[str, ...], Series]:
    """Return the series of a search that have data, by the values of its dimensions.

    Args:
        found: the series.
        account: returns the own account. In a monitoring account of CloudWatch, a search also finds metrics of others.
    """
    series: dict[tuple[str, ...], Series] = {}
    for one in found:
        *values, owner = one.label.split(_SEPARATOR)
        if one.values and (not owner or owner == account()):
            series[tuple(values)] = one
    return series


class _Request(NamedTuple):
    queries: Sequence[Query]
    since: datetime
    until: datetime
    period: int
    region: str | None
    answer: Future[list[list[Series]]]

    @property
    def call(self) -> tuple[Any, ...]:
        """What requests of the same call have in common."""
        return self.since, self.until, self.region


class Batch:
    """Collects the queries of metrics that are computed at the same time, and sends them together.

    The queries that wait are sent as soon as every metric of the run waits for an answer here, and after
    `_COLLECT_SECONDS` at the latest.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._changed = threading.Condition()
        self._waiting: list[_Request] = []
        self._blocked = 0

    def get(
        self, queries: Sequence[Query], window: Window, period: int | None, region: str | None
    ) -> list[list[Series]]:
        """Return the series of each query, in order; a `Statistic` has exactly one.

        Raises:
            CloudWatchIncomplete: see `Reader.statistics`.
            botocore.exceptions.ClientError: the call failed.
        """
        grid = _default_period(window, self._run.present)
        since, until = (_rounded(instant, grid) for instant in (window.since, window.until))
        request = _Request(queries, since, until, period or grid, region, Future())
        due = time.monotonic() + _COLLECT_SECONDS
        with self._changed:
            self._waiting.append(request)
            self._blocked += 1
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: request not in self._waiting or self._blocked >= self._run.computing,
                timeout=max(0.0, due - time.monotonic()),
            )
            taken = self._waiting if request in self._waiting else []
            if taken:
                self._waiting = []
                self._changed.notify_all()
        try:
            self._send(taken)
            return request.answer.result()
        finally:
            with self._changed:
                self._blocked -= 1

    def notify(self) -> None:
        """Look again whether everybody waits: a metric has ended."""
        with self._changed:
            self._changed.notify_all()

    def _send(self, requests: Sequence[_Request]) -> None:
        calls: dict[tuple[Any, ...], list[_Request]] = defaultdict(list)
        for request in requests:
            calls[request.call].append(request)
        for together in calls.values():
            try:
                answers = self._ask(together)
            except ClientError as error:
                # CloudWatch rejects the whole call for one invalid query, which must not fail the other metrics.
                invalid = error.response.get("Error", {}).get("Code") in ("ValidationError", "ValidationException")
                self._fail_or_send_each(together, error, invalid)
            except _Limited as error:
                self._fail_or_send_each(together, error, True)
            except BaseException as error:  # noqa: BLE001 - other metrics wait for their answers
                _fail(together, error)
            else:
                for request, answer in zip(together, answers, strict=True):
                    request.answer.set_result(answer)

    def _fail_or_send_each(self, requests: Sequence[_Request], error: Exception, alone: bool) -> None:
        """Fail, or send each request in a call of its own if there are several and `alone` can help."""
        if alone and len(requests) > 1:
            for request in requests:
                self._send([request])
        else:
            _fail(requests, error)

    def _ask(self, requests: Sequence[_Request]) -> list[list[list[Series]]]:
        numbered = [(request, query) for request in requests for query in request.queries]
        series: list[list[Series]] = []
        for start in range(0, len(numbered), _MAX_QUERIES):
            series += self._ask_once(numbered[start : start + _MAX_QUERIES])
        answers, at = [], 0
        for request in requests:
            answers.append(series[at : at + len(request.queries)])
            at += len(request.queries)
        return answers

    def _ask_once(self, queries: Sequence[tuple[_Request, Query]]) -> list[list[Series]]:
        first = queries[0][0]
        client = self._run.client("cloudwatch", first.region)
        found: list[dict[str, Series]] = [{} for _ in queries]
        states: dict[tuple[int, str], str] = {}
        messages: list[Mapping[str, str]] = []
        arguments: dict[str, Any] = {
            "MetricDataQueries": [_query(number, query, one.period) for number, (one, query) in enumerate(queries)],
            "StartTime": first.since,
            "EndTime": first.until,
            "ScanBy": "TimestampAscending",
        }
        while True:
            page = client.get_metric_data(**arguments)
            messages += page.get("Messages") or ()
            for result in page["MetricDataResults"]:
                number, label = int(result["Id"][1:]), result.get("Label", "")
                if isinstance(queries[number][1], Statistic):
                    label = ""
                # The same series can be on several pages.
                found[number].setdefault(label, Series(label))._add(result)
                states[number, label] = result.get("StatusCode", "Complete")
            if not page.get("NextToken"):
                break
            arguments["NextToken"] = page["NextToken"]
        _check(queries, found, states, messages)
        return [
            [by_label.get("", Series())] if isinstance(query, Statistic) else list(by_label.values())
            for (_, query), by_label in zip(queries, found, strict=True)
        ]


def _fail(requests: Sequence[_Request], error: BaseException) -> None:
    for request in requests:
        if not request.answer.done():
            request.answer.set_exception(error)


def _check(
    queries: Sequence[tuple[_Request, Query]],
    found: Sequence[Mapping[str, Series]],
    states: Mapping[tuple[int, str], str],
    messages: Sequence[Mapping[str, str]],
) -> None:
    for (number, label), state in states.items():
        if state != "Complete":
            query = queries[number][1]
            said = _text(messages)
            raise CloudWatchIncomplete(
                f"GetMetricData of cloudwatch returned {query.namespace} {query.metric} {label} with the status {state}"
                f"{f' ({said})' if said else ''}"
            )
    if messages:
        raise _Limited(f"GetMetricData of cloudwatch did not return everything ({_text(messages)})")
    for (request, query), by_label in zip(queries, found, strict=True):
        for series in by_label.values():
            # CloudWatch documents that periods begin at StartTime. If they did not, a value would be of another window.
            begins = [(at - request.since).total_seconds() for at in series.times]
            if any(seconds < 0 or seconds % request.period for seconds in begins):
                raise CloudWatchIncomplete(
                    f"GetMetricData of cloudwatch returned {query.namespace} {query.metric} with a period that begins "
                    f"at {series.times[0]:%Y-%m-%dT%H:%MZ}, and not at {request.since:%Y-%m-%dT%H:%MZ}"
                )
        if isinstance(query, Search) and len(by_label) >= _MAX_SERIES:
            raise CloudWatchIncomplete(
                f"{query.namespace} has {_MAX_SERIES} or more metrics {query.metric} by {', '.join(query.dimensions)}, "
                f"and a search returns {_MAX_SERIES} of them"
            )


def _text(messages: Sequence[Mapping[str, str]]) -> str:
    return "; ".join(f"{one.get('Code')}: {one.get('Value')}" for one in messages)


def _query(number: int, query: Query, period: int) -> dict[str, Any]:
    if isinstance(query, Search):
        where = "".join(f' "{name}"="{_quoted(value)}"' for name, value in query.where)
        schema = ",".join((query.namespace, *query.dimensions))
        terms = f'{{{schema}}} MetricName="{_quoted(query.metric)}"{where}'.replace("'", "\\'")
        return {
            "Id": f"q{number}",
            "Expression": f"SEARCH('{terms}', '{query.statistic}', {period})",
            "Label": _SEPARATOR.join(f"${{PROP('{name}')}}" for name in (*_dimensions(query), "AccountId")),
        }
    return {
        "Id": f"q{number}",
        "MetricStat": {
            "Metric": {
                "Namespace": query.namespace,
                "MetricName": query.metric,
                "Dimensions": [{"Name": name, "Value": value} for name, value in query.dimensions.items()],
            },
            "Period": period,
            "Stat": query.statistic,
        },
    }


def _dimensions(query: Search) -> list[str]:
    return [f"Dim.{name}" for name in query.dimensions]


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _default_period(window: Window, now: datetime) -> int:
    """Return a period that CloudWatch still has for this window, and in which the ends of the window lose little."""
    short = window.until - window.since <= _FIVE_MINUTE_WINDOW
    return _FIVE_MINUTES if short and now - window.since <= _FIVE_MINUTE_AGE else _HOUR


def _rounded(instant: datetime, seconds: int) -> datetime:
    whole_periods = int(instant.timestamp()) // seconds
    return datetime.fromtimestamp(whole_periods * seconds, UTC)
