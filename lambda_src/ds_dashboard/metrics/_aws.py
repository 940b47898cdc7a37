"""What the metrics of many services share: permissions, error codes, money, and the regions of global services."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

from ds_dashboard.metrics.permissions import Statement

METRIC_DATA: list[Statement] = [{"Action": "cloudwatch:GetMetricData", "Resource": "*"}]
# CloudWatch charges about 0.01 USD per 1,000 metrics: this is for ten.
METRIC_DATA_USD = 0.0001

# Partition -> region of the endpoints of global services that boto3 does not find by itself.
_GLOBAL_REGIONS = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-northwest-1"}


def on_all(*actions: str) -> list[Statement]:
    """Return the statement that allows actions for which IAM has no resource type."""
    return [{"Action": list(actions), "Resource": "*"}]


def code_of(error: ClientError) -> str:
    """Return the code of a service's error, such as "AccessDeniedException"."""
    return str(error.response.get("Error", {}).get("Code", ""))


def message_of(error: ClientError) -> str:
    """Return the message of a service's error."""
    return str(error.response.get("Error", {}).get("Message", ""))


def global_region(partition: str) -> str | None:
    """Return the region in which a partition has its global services; None if it is not known."""
    return _GLOBAL_REGIONS.get(partition)


def exact(number: Any) -> Decimal:
    """Return the decimal that a number or a text of an API stands for."""
    return Decimal(str(number))


def percent(part: Decimal, whole: Decimal) -> Decimal:
    """Return a part of a whole in percent, with two decimal places."""
    return (part / whole * 100).quantize(Decimal("0.01"))


def us_dollars(amount: Any, currency: str | None) -> Decimal:
    """Return an amount of money.

    Args:
        amount: a number or a text.
        currency: its currency as the API names it.

    Raises:
        ValueError: it is in another currency, and the unit of the metrics is USD.
    """
    if currency != "USD" and exact(amount):
        raise ValueError(f"AWS reports the amount {amount} in {currency or 'no currency'}, and the metric reports USD")
    return exact(amount)
