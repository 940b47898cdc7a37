"""GetMetricData: periods, percentiles, SEARCH, labels and pages."""

from __future__ import annotations

import base64
import json
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from ministack.services import cloudwatch

from ds_dashboard_local.engine import query_protocol
from ds_dashboard_local.engine.patching import gap, replace, wrap

Document = dict[str, Any]

_DAY = 24 * 60 * 60
_RETENTION = 455 * _DAY
# Age of StartTime -> what it is rounded down to.
_ROUNDING = ((15 * _DAY, 60), (63 * _DAY, 300), (_RETENTION, 3600))
_MAX_QUERIES, _MAX_VALUES, _MAX_FOUND = 500, 100_800, 500
_STATISTIC = re.compile(r"SampleCount|Sum|Average|Minimum|Maximum|p\d{1,2}(\.\d+)?|p100")
_SEARCH = re.compile(r"\s*SEARCH\(\s*'((?:[^'\\]|\\.)*)'\s*,\s*'([^']+)'\s*(?:,\s*(\d+)\s*)?\)\s*")
_SCHEMA = re.compile(r"\s*\{([^}]*)\}(.*)", re.DOTALL)
_TERM = re.compile(r"""\s*(?:(?P<name>"[^"]*"|[\w.:/-]+)\s*=\s*)?(?P<value>"(?:[^"\\]|\\.)*"|[^\s"=()]+)""")
_PROPERTY = re.compile(r"\$\{PROP\('([^']+)'\)\}")


class _Invalid(Exception):
    """The message is AWS's answer."""


class _Series(NamedTuple):
    """A metric: its namespace, name, dimensions, and the points that the engine stores."""

    namespace: str
    name: str
    dimensions: Document
    points: list[Document]


@gap
def metric_retention() -> None:
    """Keep metrics for 455 days.

    AWS: keeps values of one minute for 15 days, of five minutes for 63 days, and of an hour for 455 days.

    Engine: drops values after 14 days.

    The patch keeps all values for 455 days.
    """
    replace(cloudwatch, "_evict_old_metrics", _evict)


def _evict() -> None:
    limit = time.time() - _RETENTION
    for key, points in list(cloudwatch._metrics.items()):
        if any(point["Timestamp"] < limit for point in points):
            cloudwatch._metrics[key] = [point for point in points if point["Timestamp"] >= limit]


@gap
def metric_data() -> None:
    """Return exactly the metrics of GetMetricData, in pages, and evaluate SEARCH.

    AWS: finds a metric by its exact set of dimensions, in any order; periods begin at StartTime, rounded down by its
    age. SEARCH finds up to 500 metrics by the names of all their dimensions, their name and their values, and labels
    contain `${PROP('Dim.Name')}`, `${PROP('MetricName')}` and `${PROP('Namespace')}`. MaxDatapoints cuts the answer
    into pages, and a metric whose values go on is PartialData. Rejects an unknown statistic and more than 500 queries.

    Engine: returns a metric without dimensions together with all others of its name, begins periods at multiples of
    their length, has no pages, answers InternalError to every expression, and the average to an unknown statistic.

    The patch has no metric math, and no OR, NOT and parentheses in SEARCH.
    """
    wrap(cloudwatch, "_get_metric_data", _get_metric_data)


def _get_metric_data(original: Any, params: Any, cbor_data: Document, is_cbor: bool, is_json: bool = False) -> Any:
    if not (is_cbor or is_json):
        given = query_protocol.parse("cloudwatch", "GetMetricData", params)
        status, _, body = _get_metric_data(original, {}, given, False, True)
        if status != 200:
            return cloudwatch._error("ValidationError", json.loads(body)["message"], 400)
        text = query_protocol.serialize("cloudwatch", "GetMetricData", json.loads(body))
        return 200, {"Content-Type": "text/xml"}, text.encode()
    try:
        content = _answer(cbor_data)
    except _Invalid as error:
        return cloudwatch._error("ValidationError", str(error), 400, is_json, is_cbor)
    if is_cbor:
        results = [cloudwatch._cbor_metric_data_result(one) for one in content["MetricDataResults"]]
        return cloudwatch._cbor_ok({**content, "MetricDataResults": results})
    return cloudwatch._json_ok(content)


def _answer(given: Document) -> Document:
    queries = given.get("MetricDataQueries") or []
    start, end = (cloudwatch._parse_ts(given.get(name)) for name in ("StartTime", "EndTime"))
    if not queries or start is None or end is None:
        raise _Invalid("MetricDataQueries, StartTime and EndTime are required.")
    if len(queries) > _MAX_QUERIES:
        raise _Invalid(f"The collection MetricDataQueries must not have a size greater than {_MAX_QUERIES}.")
    if start >= end:
        raise _Invalid("The parameter StartTime must be less than the parameter EndTime.")
    age = time.time() - start
    start -= start % next((rounding for limit, rounding in _ROUNDING if age < limit), _ROUNDING[-1][1])
    results = [result for query in queries for result in _results(query, start, end)]
    if given.get("ScanBy") != "TimestampAscending":
        for result in results:
            result["Timestamps"].reverse()
            result["Values"].reverse()
    return _page(results, int(given.get("MaxDatapoints") or _MAX_VALUES), given.get("NextToken"))


def _results(query: Document, start: float, end: float) -> Iterator[Document]:
    if query.get("ReturnData") is False:
        return
    if query.get("Expression"):
        match = _SEARCH.fullmatch(query["Expression"])
        if match is None:
            text = "Metric math is not supported by the local cloud; of expressions, it has SEARCH."
            messages = [{"Code": "Unsupported", "Value": text}]
            empty: Document = {"Timestamps": [], "Values": []}
            yield {
                "Id": query["Id"],
                "Label": query["Id"],
                "StatusCode": "InternalError",
                "Messages": messages,
                **empty,
            }
            return
        terms, statistic, period = match.groups()
        length = int(period or query.get("Period") or 0)
        found = list(_search(terms.replace("\\'", "'")))
        for series in found[:_MAX_FOUND]:
            label = " ".join((series.name, *series.dimensions.values()))
            if result := _result(query, series, statistic, length, start, end, label):
                yield result
        return
    wanted = query["MetricStat"]
    metric = wanted["Metric"]
    dimensions = cloudwatch._dims_from_list(metric.get("Dimensions") or [])
    key = (metric.get("Namespace", ""), metric["MetricName"], cloudwatch._dims_key(dimensions))
    series = _Series(key[0], key[1], dimensions, cloudwatch._metrics.get(key) or [])
    result = _result(query, series, wanted["Stat"], int(wanted["Period"]), start, end, series.name)
    assert result is not None
    yield result


def _result(
    query: Document, series: _Series, statistic: str, period: int, start: float, end: float, label: str
) -> Document | None:
    """Return the values of a metric; None for one that SEARCH found and that has none."""
    if not _STATISTIC.fullmatch(statistic):
        raise _Invalid(f"The value {statistic} for parameter MetricDataQueries.member.1.Stat is not supported.")
    if period < 1 or (period % 60 and period not in (1, 5, 10, 20, 30)):
        raise _Invalid(f"The parameter Period must be a multiple of 60, and not {period}.")
    periods: dict[int, list[Document]] = defaultdict(list)
    for point in series.points:
        if start <= point["Timestamp"] < end:
            periods[int((point["Timestamp"] - start) // period)].append(point)
    values = [
        (start + number * period, cloudwatch._stat_value(cloudwatch._calc_stats(points), statistic, points))
        for number, points in sorted(periods.items())
    ]
    values = [(at, value) for at, value in values if value is not None]
    if not values and query.get("Expression"):
        return None
    properties = {"Namespace": series.namespace, "MetricName": series.name, "Stat": statistic, "Period": str(period)}
    properties |= {f"Dim.{name}": value for name, value in series.dimensions.items()}
    return {
        "Id": query["Id"],
        "Label": _PROPERTY.sub(lambda match: properties.get(match[1], ""), query.get("Label") or label),
        "Timestamps": [cloudwatch._ts_iso(at) for at, _ in values],
        # Without the noise of binary numbers, such as in 85953.54999999999.
        "Values": [float(f"{value:.12g}") for _, value in values],
        "StatusCode": "Complete",
    }


def _search(text: str) -> Iterator[_Series]:
    """Yield the metrics of a search such as `{AWS/S3,BucketName} MetricName="x" BucketName="y"`."""
    match = _SCHEMA.fullmatch(text)
    if match is None:
        raise _Invalid(f"SEARCH needs a schema such as {{Namespace,Dimension}} in the local cloud: {text}")
    namespace, *names = (part.strip().strip('"') for part in match[1].split(","))
    terms = list(_terms(match[2]))
    for (metric_namespace, name, _), points in list(cloudwatch._metrics.items()):
        if metric_namespace != namespace or not points:
            continue
        series = _Series(namespace, name, points[0].get("Dimensions") or {}, points)
        if set(series.dimensions) == set(names) and all(_has(series, *term) for term in terms):
            yield series


def _terms(text: str) -> Iterator[tuple[str | None, str, bool]]:
    """Yield the property (None for any), the value, and whether the value is exact."""
    at = 0
    while text[at:].strip():
        match = _TERM.match(text, at)
        if match is None or match["value"] in ("OR", "NOT", "AND"):
            raise _Invalid(f'SEARCH has only terms such as MetricName="x" in the local cloud: {text[at:].strip()}')
        value = match["value"]
        exact = value.startswith('"')
        yield (
            match["name"] and match["name"].strip('"'),
            re.sub(r"\\(.)", r"\1", value[1:-1]) if exact else value,
            exact,
        )
        at = match.end()


def _has(series: _Series, name: str | None, value: str, exact: bool) -> bool:
    properties = {"Namespace": series.namespace, "MetricName": series.name, **series.dimensions}
    actual = list(properties.values()) if name is None else [properties.get(name, "")]
    if exact:
        return value in actual
    # Without quotation marks, a term is found as a part of a word, in any case.
    return any(value.lower() in one.lower() for one in actual)


def _page(results: list[Document], size: int, token: str | None) -> Document:
    """Cut the values of all results, one after another, into a page of `size` values."""
    try:
        begin = int(base64.b64decode(token).decode()) if token else 0
    except ValueError:
        raise _Invalid("The token is invalid.") from None
    page, at, end = [], 0, begin + size
    for result in results:
        count = len(result["Values"])
        first, last = max(begin - at, 0), min(end - at, count)
        # A result without values counts as one value.
        if first < last or (count == 0 and begin <= at < end):
            part = {**result, "Timestamps": result["Timestamps"][first:last], "Values": result["Values"][first:last]}
            page.append({**part, "StatusCode": "PartialData"} if last < count else part)
        at += max(count, 1)
    more = {"NextToken": base64.b64encode(str(end).encode()).decode()} if at > end else {}
    return {"MetricDataResults": page, "Messages": [], **more}
