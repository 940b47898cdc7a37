"""Metrics whose values are known exactly."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ds_dashboard.metrics import Metric


class Fraction(Metric):
    """A tenth, which a binary float cannot represent."""

    unit = "Percent"

    def _compute_value(self) -> float:
        return 0.1


class ManyDigits(Metric):
    """As many digits as the tables can hold."""

    def _compute_value(self) -> Decimal:
        return Decimal("12345678901234567890.123456789012345678")


class Nothing(Metric):
    """A count of zero, which is a value."""

    unit = "Count"

    def _compute_value(self) -> int:
        return 0


class Release(Metric):
    """A string."""

    def _compute_value(self) -> str:
        return "v1.2.3 grün"


class JobsByStatus(Metric):
    """A headline value with its breakdown."""

    unit = "Count"
    dimensions = ["Status"]

    def _compute_value(self) -> Any:
        return self.value(5, breakdown={"Completed": 3, "Failed": 2})


class NumberInParameter(Metric):
    """The number in a parameter, with all its digits."""

    arguments = {"parameter_name": {"type": "string", "description": "The parameter's name."}}
    _iam_permissions = Metric._iam_permissions + [
        {
            "Action": "ssm:GetParameter",
            "Resource": "arn:**PARTITION**:ssm:**REGION**:**ACCOUNT_ID**:"
            "parameter/**ARG:parameter_name|no-leading-slash**",
        }
    ]

    def _compute_value(self) -> Decimal:
        name = self.arguments["parameter_name"]
        return Decimal(self.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])
