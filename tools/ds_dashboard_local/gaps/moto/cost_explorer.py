"""Cost Explorer: costs that the control API has set."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from ministack import app
from ministack.core.responses import get_account_id

from ds_dashboard_local.engine.middleware import Response
from ds_dashboard_local.engine.patching import gap, wrap_entry
from ds_dashboard_local.gaps.moto.documents import Document, answer, invalid

Query = dict[str, list[str]]

_METRICS = ("AmortizedCost", "BlendedCost", "NetAmortizedCost", "NetUnblendedCost", "UnblendedCost")
_FORECAST_DAYS, _MIN_FORECAST_DAYS = 30, 5
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class Cost(NamedTuple):
    """What a service cost on a day. The fields are those of the control API, and values of dimensions."""

    date: date
    service: str
    amount: Decimal
    usage_type: str
    quantity: Decimal
    unit: str
    region: str
    record_type: str
    linked_account: str

    @classmethod
    def parse(cls, fields: Document, account: str) -> Cost:
        """Read a cost: `date`, `service` and `amount` (USD) are required.

        Raises:
            ValueError: A field is unknown or invalid.
            KeyError: A field is missing.
        """
        if unknown := sorted(set(fields) - set(cls._fields)):
            raise ValueError(f"a cost has no {', '.join(unknown)}; it has {', '.join(cls._fields)}")
        given = {
            "usage_type": "Usage",
            "quantity": "0",
            "unit": "Hrs",
            "region": "eu-west-1",
            "record_type": "Usage",
            "linked_account": account,
            **fields,
        }
        for name in ("amount", "quantity"):
            given[name] = Decimal(str(given[name]))
        return cls(**{**given, "date": date.fromisoformat(given["date"]), "service": given["service"]})


_costs: dict[str, list[Cost]] = defaultdict(list)


def add_costs(account: str, costs: list[Document]) -> None:
    """Add costs to an account."""
    _costs[account] += [Cost.parse(one, account) for one in costs]


class _Invalid(Exception):
    """The message is AWS's answer."""

    def __init__(self, message: str, code: str = "ValidationException") -> None:
        super().__init__(message)
        self.code = code


@gap
def cost_and_usage() -> None:
    """Return costs by day and month, grouped and filtered.

    AWS: GetCostAndUsage returns a period for each day or month between Start and End (exclusive), `Estimated` for those
    of the present month, the total without GroupBy, and groups with it: only those that have costs.

    Engine: moto returns no period.

    The costs are those that the control API has set, by service, usage type, region, record type and linked account.
    All cost metrics have the same amount. Answers are not paged.
    """
    wrap_entry(app, "SERVICE_HANDLERS", "ce", _serve)


@gap
def cost_forecast() -> None:
    """Forecast costs.

    AWS: GetCostForecast returns the costs that it expects from Start, which must not be in the past, to End
    (exclusive), and DataUnavailableException for an account that is too young.

    Engine: moto has no such operation.

    The patch expects the mean of the last 30 days with costs for each day, and needs costs on five of them.
    """
    wrap_entry(app, "SERVICE_HANDLERS", "ce", _serve_forecast)


async def _serve(
    original: Any, method: str, path: str, headers: dict[str, str], body: bytes, query_params: Query
) -> Response:
    if not headers.get("x-amz-target", "").endswith(".GetCostAndUsage"):
        passed_on: Response = await original(method, path, headers, body, query_params)
        return passed_on
    return _answered(_cost_and_usage, body)


async def _serve_forecast(
    original: Any, method: str, path: str, headers: dict[str, str], body: bytes, query_params: Query
) -> Response:
    if not headers.get("x-amz-target", "").endswith(".GetCostForecast"):
        passed_on: Response = await original(method, path, headers, body, query_params)
        return passed_on
    return _answered(_forecast, body)


def _answered(function: Callable[[list[Cost], Document], Document], body: bytes) -> Response:
    try:
        return answer(function(_costs[get_account_id()], json.loads(body or b"{}")))
    except _Invalid as error:
        return invalid(str(error), error.code)


def _forecast(costs: list[Cost], given: Document) -> Document:
    today = datetime.now(UTC).date()
    periods = list(_periods(given["TimePeriod"], given["Granularity"]))
    if periods[0][0] < today:
        raise _Invalid("Start time should not be earlier than today")
    if given["Metric"] == "USAGE_QUANTITY":
        raise _Invalid("USAGE_QUANTITY is not supported by the local cloud")
    recent = [
        one
        for one in costs
        if today - timedelta(days=_FORECAST_DAYS) <= one.date < today and _selected(given.get("Filter"), one)
    ]
    days = len({one.date for one in recent})
    if days < _MIN_FORECAST_DAYS:
        raise _Invalid("Insufficient amount of historical data", "DataUnavailableException")
    daily = (sum((one.amount for one in recent), Decimal(0)) / days).quantize(Decimal("0.000001"))
    results = [
        {"TimePeriod": {"Start": f"{start}", "End": f"{end}"}, "MeanValue": str(daily * (end - start).days)}
        for start, end in periods
    ]
    total = daily * (periods[-1][1] - periods[0][0]).days
    return {"Total": {"Amount": str(total), "Unit": "USD"}, "ForecastResultsByTime": results}


def _cost_and_usage(costs: list[Cost], given: Document) -> Document:
    metrics, dimensions = given.get("Metrics") or [], [one["Key"] for one in given.get("GroupBy") or []]
    if not metrics or set(metrics) - {*_METRICS, "UsageQuantity"}:
        raise _Invalid(f"Metrics must be some of {', '.join((*_METRICS, 'UsageQuantity'))}, and not {metrics}")
    attributes = [_attribute(dimension) for dimension in dimensions]
    found = [one for one in costs if _selected(given.get("Filter"), one)]
    results = []
    for start, end in _periods(given["TimePeriod"], given["Granularity"]):
        inside = [one for one in found if start <= one.date < end]
        groups: dict[tuple[str, ...], list[Cost]] = defaultdict(list)
        for one in inside if attributes else ():
            groups[tuple(getattr(one, attribute) for attribute in attributes)].append(one)
        results.append(
            {
                "TimePeriod": {"Start": f"{start}", "End": f"{end}"},
                "Estimated": end > datetime.now(UTC).date().replace(day=1),
                "Total": {} if attributes else _totals(inside, metrics),
                "Groups": [
                    {"Keys": list(key), "Metrics": _totals(some, metrics)} for key, some in sorted(groups.items())
                ],
            }
        )
    return {"ResultsByTime": results, "GroupDefinitions": given.get("GroupBy") or []}


def _attribute(dimension: str) -> str:
    """Return the field of a dimension such as USAGE_TYPE."""
    name = dimension.lower()
    if name not in ("service", "usage_type", "region", "record_type", "linked_account"):
        raise _Invalid(f"{dimension} is not a dimension of costs in the local cloud")
    return name


def _selected(expression: Document | None, one: Cost) -> bool:
    if not expression:
        return True
    ((operator, operand),) = expression.items()
    if operator == "And":
        return all(_selected(each, one) for each in operand)
    if operator == "Or":
        return any(_selected(each, one) for each in operand)
    if operator == "Not":
        return not _selected(operand, one)
    if operator != "Dimensions":
        raise _Invalid(f"{operator} is not supported by the local cloud")
    return getattr(one, _attribute(operand["Key"])) in operand["Values"]


def _periods(given: Document, granularity: str) -> Iterator[tuple[date, date]]:
    if not all(_DATE.fullmatch(given[name]) for name in ("Start", "End")):
        raise _Invalid("Start and End must be of the format yyyy-MM-dd")
    start, end = date.fromisoformat(given["Start"]), date.fromisoformat(given["End"])
    if start >= end:
        raise _Invalid("Start date (and hour) should be before end date (and hour)")
    if granularity not in ("DAILY", "MONTHLY"):
        raise _Invalid(f"The granularity {granularity} is not supported by the local cloud")
    while start < end:
        following = start + timedelta(days=1)
        if granularity == "MONTHLY":
            following = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield start, min(following, end)
        start = following


def _totals(costs: list[Cost], metrics: list[str]) -> Document:
    amount = {"Amount": str(sum((one.amount for one in costs), Decimal(0))), "Unit": "USD"}
    quantity = {"Amount": str(sum((one.quantity for one in costs), Decimal(0))), "Unit": _unit(costs)}
    return {name: quantity if name == "UsageQuantity" else amount for name in metrics}


def _unit(costs: list[Cost]) -> str:
    units = {one.unit for one in costs}
    return units.pop() if len(units) == 1 else "N/A"
