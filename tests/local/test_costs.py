"""Cost Explorer: costs by day, month, service and usage type."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard_local import LocalCloudError
from ds_dashboard_local.client.accounts import Account

SAGEMAKER, STORAGE = "Amazon SageMaker", "Amazon Simple Storage Service"
COSTS: list[dict[str, Any]] = [
    {"date": "2026-10-31", "service": SAGEMAKER, "amount": "1.10", "usage_type": "EU-Train:ml.m5.large", "quantity": 2},
    {"date": "2026-11-01", "service": SAGEMAKER, "amount": "2.20", "usage_type": "EU-Host:ml.m5.large", "quantity": 3},
    {"date": "2026-11-01", "service": SAGEMAKER, "amount": "0.30", "usage_type": "EU-Train:ml.m5.large", "quantity": 1},
    {"date": "2026-11-02", "service": STORAGE, "amount": "0.000001", "unit": "GB-Mo"},
    {"date": "2026-11-02", "service": STORAGE, "amount": "-5", "record_type": "Credit"},
]


def usage(account: Account, start: str, end: str, granularity: str = "DAILY", **arguments: Any) -> list[dict[str, Any]]:
    given = {"Metrics": ["UnblendedCost"], **arguments}
    answer = account.ce.get_cost_and_usage(TimePeriod={"Start": start, "End": end}, Granularity=granularity, **given)
    results: list[dict[str, Any]] = answer["ResultsByTime"]
    return results


def groups(period: dict[str, Any]) -> dict[str, Decimal]:
    return {"/".join(one["Keys"]): Decimal(one["Metrics"]["UnblendedCost"]["Amount"]) for one in period["Groups"]}


@pytest.fixture
def spent(account: Account) -> Account:
    account.cloud.add_costs(account.id, COSTS)
    return account


def test_each_day_has_its_costs_and_the_end_is_not_in_it(spent: Account) -> None:
    days = usage(spent, "2026-10-31", "2026-11-02")
    assert [day["TimePeriod"]["Start"] for day in days] == ["2026-10-31", "2026-11-01"]
    amounts = [day["Total"]["UnblendedCost"] for day in days]
    assert [(Decimal(one["Amount"]), one["Unit"]) for one in amounts] == [
        (Decimal("1.1"), "USD"),
        (Decimal("2.5"), "USD"),
    ]


def test_a_month_is_split_at_its_first_day(spent: Account) -> None:
    months = usage(spent, "2026-10-15", "2026-11-03", "MONTHLY", GroupBy=[{"Type": "DIMENSION", "Key": "SERVICE"}])
    assert [tuple(month["TimePeriod"].values()) for month in months] == [
        ("2026-10-15", "2026-11-01"),
        ("2026-11-01", "2026-11-03"),
    ]
    assert [groups(month) for month in months] == [
        {SAGEMAKER: Decimal("1.1")},
        {SAGEMAKER: Decimal("2.5"), STORAGE: Decimal("-4.999999")},
    ]
    assert [month["Total"] for month in months] == [{}, {}]


def test_costs_are_filtered_and_grouped_by_two_dimensions(spent: Account) -> None:
    own = {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [spent.id]}}
    other = {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": ["999999999999"]}}
    credit = {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Credit", "Refund"]}}
    by = [{"Type": "DIMENSION", "Key": "SERVICE"}, {"Type": "DIMENSION", "Key": "USAGE_TYPE"}]
    (month,) = usage(spent, "2026-11-01", "2026-11-03", "MONTHLY", GroupBy=by, Filter={"And": [own, {"Not": credit}]})
    assert groups(month) == {
        f"{SAGEMAKER}/EU-Host:ml.m5.large": Decimal("2.2"),
        f"{SAGEMAKER}/EU-Train:ml.m5.large": Decimal("0.3"),
        f"{STORAGE}/Usage": Decimal("0.000001"),
    }
    (none,) = usage(spent, "2026-11-01", "2026-11-03", "MONTHLY", GroupBy=by, Filter=other)
    assert none["Groups"] == []
    (both,) = usage(spent, "2026-11-02", "2026-11-03", Filter={"Or": [other, credit]})
    assert Decimal(both["Total"]["UnblendedCost"]["Amount"]) == -5


def test_usage_has_a_quantity(spent: Account) -> None:
    (day,) = usage(spent, "2026-11-01", "2026-11-02", Metrics=["UsageQuantity", "UnblendedCost"])
    assert day["Total"]["UsageQuantity"] == {"Amount": "4", "Unit": "Hrs"}


def test_only_the_present_month_is_estimated(account: Account) -> None:
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    (old,) = usage(account, "2020-01-01", "2020-01-02")
    (new,) = usage(account, f"{today[:8]}01", f"{today[:8]}02")
    assert (old["Estimated"], new["Estimated"]) == (False, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"start": "2026-11-02", "end": "2026-11-02"}, "should be before"),
        ({"Metrics": ["Cost"]}, "Metrics must be some of"),
        ({"granularity": "HOURLY"}, "HOURLY is not supported"),
        ({"GroupBy": [{"Type": "DIMENSION", "Key": "AZ"}]}, "AZ is not a dimension"),
        ({"start": "2026-11-01T00:00:00Z"}, "must be of the format"),
    ],
)
def test_an_invalid_request_is_rejected(account: Account, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        usage(account, **{"start": "2026-11-01", "end": "2026-11-03", **arguments})


@pytest.mark.parametrize(
    ("cost", "message"),
    [({"servce": "x"}, "a cost has no servce"), ({"date": "2026-11-01", "amount": 1}, "'service' is missing")],
)
def test_an_invalid_cost_is_an_error(account: Account, cost: dict[str, Any], message: str) -> None:
    with pytest.raises(LocalCloudError, match=message):
        account.cloud.add_costs(account.id, [cost])


def forecast(account: Account, days: int, **arguments: Any) -> dict[str, Any]:
    today = datetime.now(UTC).date()
    period = {"Start": f"{today}", "End": f"{today + timedelta(days=days)}"}
    answer: dict[str, Any] = account.ce.get_cost_forecast(
        **{"TimePeriod": period, "Metric": "UNBLENDED_COST", "Granularity": "DAILY", **arguments}
    )
    return answer


def test_a_forecast_continues_the_last_days(account: Account) -> None:
    today = datetime.now(UTC).date()
    costs = [
        {"date": today - timedelta(days=number + 1), "service": service, "amount": amount}
        for number in range(10)
        for service, amount in ((SAGEMAKER, "2"), (STORAGE, "1"))
    ]
    account.cloud.add_costs(account.id, costs)
    answer = forecast(account, 3)
    assert Decimal(answer["Total"]["Amount"]) == 9
    assert [Decimal(one["MeanValue"]) for one in answer["ForecastResultsByTime"]] == [3, 3, 3]
    only = {"Dimensions": {"Key": "SERVICE", "Values": [SAGEMAKER]}}
    assert Decimal(forecast(account, 3, Filter=only)["Total"]["Amount"]) == 6


def test_a_young_account_has_no_forecast(account: Account) -> None:
    """A metric must report nothing then, and not 0."""
    with pytest.raises(account.ce.exceptions.DataUnavailableException):
        forecast(account, 3)


def test_the_past_is_not_forecast(spent: Account) -> None:
    with pytest.raises(ClientError, match="should not be earlier than today"):
        forecast(spent, 3, TimePeriod={"Start": "2026-01-01", "End": "2026-02-01"})
