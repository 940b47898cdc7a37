"""Cost Explorer in a payer account, which sees the costs of other accounts, and budgets."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ds_dashboard.metrics import NothingToReport
from ds_dashboard.testing import Error, Scenario

OWN, OTHER = "123456789012", "210987654321"
NOW = datetime(2026, 11, 23, 20, 48, tzinfo=UTC)
FIRST = datetime(2026, 11, 1, 0, 5, tzinfo=UTC)
NO_DATA = Error("DataUnavailableException", "Data is not available. Please try to adjust the time period.")
# Day, account, service, usage type, amount: the month before, this month with today, another account, a credit.
ITEMS = [
    ("2026-10-31", OWN, "Amazon SageMaker", "EUW1-Train:ml.m5.large", "1000"),
    ("2026-11-01", OWN, "Amazon SageMaker", "EUW1-Train:ml.m5.large", "12.3456789012"),
    ("2026-11-02", OWN, "Amazon SageMaker", "EUW1-Host:ml.g5.xlarge", "0.1"),
    ("2026-11-03", OWN, "Amazon SageMaker", "EUW1-Host:ml.g5.xlarge", "0.2"),
    ("2026-11-03", OWN, "Amazon Simple Storage Service", "EUW1-TimedStorage-ByteHrs", "0.0000300172"),
    ("2026-11-09", OWN, "AWS Glue", "EUW1-Crawler-DPU-Hour", "5"),
    ("2026-11-10", OWN, "AWS Glue", "EUW1-Crawler-DPU-Hour", "-5"),
    ("2026-11-11", OWN, "AWS CloudTrail", "EUW1-FreeEventsRecorded", "0"),
    ("2026-11-12", OTHER, "Amazon SageMaker", "EUW1-Train:ml.m5.large", "777"),
    *(("2026-11-13", OWN, f"Service {n}", f"Usage {n}", f"{n}.5") for n in range(25)),
    ("2026-11-22", OWN, "Tax", "", "3.99"),
    ("2026-11-23", OWN, "Amazon SageMaker", "EUW1-Train:ml.m5.large", "8"),
]
COLUMNS = {"LINKED_ACCOUNT": 1, "SERVICE": 2, "USAGE_TYPE": 3}
FORECAST = "55.5"


def costs(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer as Cost Explorer does: filtered, grouped, and the same period several times with some groups each."""
    found: dict[str, Decimal] = {}
    period, column = parameters["TimePeriod"], COLUMNS[parameters["GroupBy"][0]["Key"]]
    for item in ITEMS:
        if period["Start"] <= item[0] < period["End"] and matches(parameters["Filter"], item):
            found[item[column]] = found.get(item[column], Decimal(0)) + Decimal(item[4])
    groups = [
        {"Keys": [key], "Metrics": {"UnblendedCost": {"Amount": str(amount), "Unit": "USD" if amount else "N/A"}}}
        for key, amount in found.items()
    ]
    return {
        "ResultsByTime": [
            {"TimePeriod": period, "Total": {}, "Groups": groups[at : at + 10], "Estimated": True}
            for at in range(0, len(groups), 10)
        ]
    }


def matches(condition: dict[str, Any], item: tuple[str, ...]) -> bool:
    """Return whether a line item satisfies a filter."""
    if "And" in condition:
        return all(matches(one, item) for one in condition["And"])
    return item[COLUMNS[condition["Dimensions"]["Key"]]] in condition["Dimensions"]["Values"]


def forecast(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer as Cost Explorer does, for this account, from today to the end of the month."""
    assert matches(parameters["Filter"], ("", OWN, "", ""))
    assert not matches(parameters["Filter"], ("", OTHER, "", ""))
    assert parameters["TimePeriod"]["End"] == "2026-12-01"
    return {"Total": {"Amount": FORECAST, "Unit": "USD"}}


def truth(column: str, service: str = "", before: str = "2026-11-24") -> dict[str, Decimal]:
    """Return the cost of this account in this month, item by item."""
    groups = {item[COLUMNS[column]] for item in ITEMS}
    sums = {
        group: sum(
            Decimal(amount)
            for day, account, its_service, usage_type, amount in ITEMS
            if account == OWN
            and "2026-11-01" <= day < before
            and service in ("", its_service)
            and group == {"SERVICE": its_service, "USAGE_TYPE": usage_type}[column]
        )
        for group in groups
    }
    return {group: Decimal(amount) for group, amount in sums.items() if amount}


def total(groups: dict[str, Decimal]) -> Decimal:
    """Return the sum of groups."""
    return sum(groups.values(), Decimal(0))


def budget(name: str, limit: str | None, spend: str | None, **more: Any) -> dict[str, Any]:
    """Return a budget as AWS describes it."""
    made: dict[str, Any] = {"BudgetName": name, "TimeUnit": "MONTHLY", "BudgetType": "COST", **more}
    if limit is not None:
        made["BudgetLimit"] = {"Amount": limit, "Unit": "USD"}
    if spend is not None:
        made["CalculatedSpend"] = {"ActualSpend": {"Amount": spend, "Unit": "USD"}}
    return made


def seconds(*date: int) -> str:
    """Return the key of a planned limit."""
    return str(int(datetime(*date, tzinfo=UTC).timestamp()))  # type: ignore[misc,arg-type]


PLANNED = {
    seconds(2026, 10, 1): {"Amount": "1", "Unit": "USD"},
    seconds(2026, 11, 1): {"Amount": "400", "Unit": "USD"},
    seconds(2026, 12, 1): {"Amount": "9", "Unit": "USD"},
}
NOT_COUNTED = [
    budget("reservations", "100", "97", BudgetType="RI_UTILIZATION"),
    budget("no limit", "0", "5"),
    budget("new", "100", None),
]
BUDGETS = [
    budget("team", "300", "100"),
    budget("hours", "50.0", "75.0", BudgetType="USAGE"),
    budget("planned", None, "100", PlannedBudgetLimits=PLANNED),
    *NOT_COUNTED,
    *(budget(f"small-{n}", "100", str(n)) for n in range(15)),
]
USED = {
    "team": Decimal("33.33"),
    "hours": Decimal(150),
    "planned": Decimal(25),
    **{f"small-{n}": Decimal(n) for n in range(15)},
}


def budgets(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer as AWS Budgets does."""
    return {"Budgets": BUDGETS if parameters["AccountId"] == OWN else []}


SCENARIOS = [
    Scenario(
        "CostMonthToDate",
        value=total(truth("SERVICE")),
        breakdown=truth("SERVICE"),
        answers={"ce.get_cost_and_usage": costs},
        now=NOW,
    ),
    Scenario(
        "CostMonthToDate",
        nothing="no data of this account",
        answers={"ce.get_cost_and_usage": NO_DATA},
        title="a new account",
    ),
    Scenario(
        "CostMonthToDate",
        fails="in CNY, and the metric reports USD",
        answers={
            "ce.get_cost_and_usage": {
                "ResultsByTime": [
                    {"Groups": [{"Keys": ["Tax"], "Metrics": {"UnblendedCost": {"Amount": "1", "Unit": "CNY"}}}]}
                ]
            }
        },
        title="another currency",
    ),
    Scenario(
        "SageMakerCostMonthToDate",
        value=total(truth("USAGE_TYPE", "Amazon SageMaker")),
        breakdown=truth("USAGE_TYPE", "Amazon SageMaker"),
        answers={"ce.get_cost_and_usage": costs},
        now=NOW,
    ),
    Scenario(
        "CostForecastMonth",
        value=total(truth("SERVICE", before="2026-11-23")) + Decimal(FORECAST),
        answers={"ce.get_cost_and_usage": costs, "ce.get_cost_forecast": forecast},
        empty=NothingToReport,
        empty_answers={"ce.get_cost_forecast": NO_DATA},
        now=NOW,
    ),
    Scenario(
        "CostForecastMonth",
        value=Decimal(FORECAST),
        answers={"ce.get_cost_forecast": forecast},
        empty=NothingToReport,
        empty_answers={"ce.get_cost_forecast": NO_DATA},
        now=FIRST,
        title="the first of the month",
    ),
    Scenario(
        "BudgetUtilisation",
        value=max(USED.values()),
        breakdown=USED,
        answers={"budgets.describe_budgets": budgets},
        empty=NothingToReport,
        now=NOW,
    ),
    Scenario(
        "BudgetUtilisation",
        nothing="no budget for cost or usage",
        answers={"budgets.describe_budgets": {"Budgets": NOT_COUNTED}},
        title="budgets of other kinds",
    ),
]
