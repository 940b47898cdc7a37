"""What the account costs: Cost Explorer and budgets.

Cost Explorer charges 0.01 USD for each request and page. Its data are about a day late.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from ds_dashboard.metrics import Metric, MetricValue, NothingToReport, Reader, reading
from ds_dashboard.metrics._aws import exact, on_all, percent, us_dollars
from ds_dashboard.metrics._cost_explorer import REQUEST_USD, dimension, month, nothing_without_data, own_account

_COST = "UnblendedCost"
_SAGEMAKER = "Amazon SageMaker"


class Costs(NamedTuple):
    """Costs of a period in USD.

    Attributes:
        groups: the cost of each group that has one.
        is_estimated: whether AWS can still change them.
    """

    groups: dict[str, Decimal]
    is_estimated: bool


@reading(permissions=on_all("ce:GetCostAndUsage"), calls="1 per page of Cost Explorer", usd=REQUEST_USD)
def costs(reader: Reader, *, start: str, end: str, group: str, service: str = "") -> Costs:
    """Cost of this account from a day, to the day before another one, by SERVICE or USAGE_TYPE."""
    periods = reader.pages(
        "ce",
        "get_cost_and_usage",
        "ResultsByTime",
        TimePeriod={"Start": start, "End": end},
        Granularity="MONTHLY",
        Metrics=[_COST],
        Filter=own_account(reader, *([dimension("SERVICE", service)] if service else [])),
        GroupBy=[{"Type": "DIMENSION", "Key": group}],
    )
    groups: dict[str, Decimal] = {}
    is_estimated = False
    # The same period can be on several pages, with other groups.
    with nothing_without_data("Cost Explorer has no data of this account yet"):
        for period in periods:
            is_estimated = is_estimated or period.get("Estimated", False)
            for one in period.get("Groups", ()):
                cost = one["Metrics"][_COST]
                name = one["Keys"][0]
                groups[name] = groups.get(name, Decimal(0)) + us_dollars(cost["Amount"], cost.get("Unit"))
    return Costs({name: cost for name, cost in groups.items() if cost}, is_estimated)


class _MonthToDate(Metric):
    """Cost since the first of the month."""

    historical = True
    scope = "account"
    readings = [costs]
    service = ""

    def _compute_value(self) -> MetricValue:
        today = self.now().date()
        found = self.read(
            costs,
            start=month(today)[0].isoformat(),
            end=(today + timedelta(days=1)).isoformat(),
            group="USAGE_TYPE" if self.service else "SERVICE",
            service=self.service,
        )
        self.metadata["Estimated"] = found.is_estimated
        return self.value(sum(found.groups.values(), Decimal(0)), breakdown=found.groups)


class CostMonthToDate(_MonthToDate):
    """Cost of the account since the first of the month, by service.

    Unblended cost in UTC, with credits, refunds and taxes. The last day or two are not complete (assumed), and
    Metadata.Estimated is true while AWS can still change the amounts. Only this account counts, also in a payer
    account. A payer can keep its members from reading costs.
    """

    unit = "USD"
    dimensions = ["Service"]


class SageMakerCostMonthToDate(_MonthToDate):
    """Cost of SageMaker in the account since the first of the month, by usage type.

    Unblended cost in UTC of the service "Amazon SageMaker", its name in Cost Explorer (assumed). The last day or two
    are not complete (assumed). Usage types name the region and the instance type. Bedrock is another service.
    """

    unit = "USD"
    dimensions = ["UsageType"]
    service = _SAGEMAKER


class CostForecastMonth(Metric):
    """Cost of the account in this month: that of the days before today, and AWS's forecast from today.

    Unblended cost in UTC. The cost of the last day or two is not complete (assumed). On the first of the month it is
    the forecast alone.
    """

    unit = "USD"
    scope = "account"
    readings = [costs]
    calls = "1"
    usd = REQUEST_USD
    _iam_permissions = Metric._iam_permissions + on_all("ce:GetCostForecast")

    def _compute_value(self) -> Decimal:
        today = self.now().date()
        first, following = month(today)
        with nothing_without_data("the account is too young for a forecast of Cost Explorer"):
            forecast = self.call(
                "ce",
                "get_cost_forecast",
                TimePeriod={"Start": today.isoformat(), "End": following.isoformat()},
                Metric="UNBLENDED_COST",
                Granularity="MONTHLY",
                Filter=own_account(self),
            )
        total = us_dollars(forecast["Total"]["Amount"], forecast["Total"].get("Unit"))
        if first == today:
            return total
        past = self.read(costs, start=first.isoformat(), end=today.isoformat(), group="SERVICE", service="")
        return total + sum(past.groups.values(), Decimal(0))


class BudgetUtilisation(Metric):
    """Spend of each budget in percent of its limit; the headline is the largest.

    ActualSpend / BudgetLimit x 100, of budgets for cost and usage in their current period. Budgets for reservations and
    savings plans, those without a limit above 0, and those whose spend AWS has not computed yet are left out. AWS
    computes the spend some times a day.
    """

    unit = "Percent"
    dimensions = ["BudgetName"]
    scope = "account"
    calls = "1 per 100 budgets"
    may_read = "limits, filters and subscribers of all budgets"
    _iam_permissions = Metric._iam_permissions + [
        {"Action": "budgets:ViewBudget", "Resource": "arn:**PARTITION**:budgets::**ACCOUNT_ID**:budget/*"}
    ]

    def _compute_value(self) -> MetricValue:
        used = {}
        for budget in self.pages("budgets", "describe_budgets", "Budgets", AccountId=self.account_id):
            limit = self._limit(budget)
            if budget["BudgetType"] in ("COST", "USAGE") and limit and "CalculatedSpend" in budget:
                spend = exact(budget["CalculatedSpend"]["ActualSpend"]["Amount"])
                used[budget["BudgetName"]] = percent(spend, limit)
        if not used:
            raise NothingToReport("the account has no budget for cost or usage with a limit and a spend")
        return self.value(max(used.values()), breakdown=used, other=max)

    def _limit(self, budget: dict[str, Any]) -> Decimal:
        if "BudgetLimit" in budget:
            return exact(budget["BudgetLimit"]["Amount"])
        # Limits by the second at which each period begins.
        now = self.now().timestamp()
        begun = {int(start): one for start, one in budget.get("PlannedBudgetLimits", {}).items() if int(start) <= now}
        return exact(begun[max(begun)]["Amount"]) if begun else Decimal(0)
