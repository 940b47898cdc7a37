"""Metrics whose values are known to the last digit."""

from __future__ import annotations

from decimal import Decimal

import boto3
from botocore.config import Config

from ds_dashboard.metrics import Metric


class Tenth(Metric):
    """Returns a tenth, which no binary float equals."""

    unit = "Percent"

    def _compute_value(self) -> float:
        return 0.1


class Digits(Metric):
    """Returns as many digits as the tables hold."""

    def _compute_value(self) -> Decimal:
        return Decimal("12345678901234567890.123456789012345678")


class Parameters(Metric):
    """Counts parameters, and fails at the first throttled call."""

    unit = "Count"
    _iam_permissions = Metric._iam_permissions + [{"Action": "ssm:DescribeParameters", "Resource": "*"}]

    def _compute_value(self) -> int:
        ssm = boto3.client("ssm", config=Config(retries={"total_max_attempts": 1}))
        pages = ssm.get_paginator("describe_parameters").paginate()
        return sum(len(page["Parameters"]) for page in pages)
