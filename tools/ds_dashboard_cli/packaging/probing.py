"""Permissions of metrics that compute them: `get_iam_permissions` overridden, as the AWS sample allows.

Terraform fills permissions in at plan time and cannot call Python. So the override is called with made-up regions and
accounts, these are replaced by placeholders in its result, and the result is refused unless filling the placeholders
in gives what the override returns for others.
"""

from __future__ import annotations

from typing import Any

from ds_dashboard.metrics import Metric, MetricDeclarationError
from ds_dashboard.metrics.permissions import mapped_strings

_PROBE = ("zz-probe-1", "718281828459")
# Real regions too: an override may tell partitions apart, and a dictionary of regions knows no others.
_CROSS_CHECKS = (
    ("zz-probe-2", "314159265358"),
    ("us-east-1", "141421356237"),
    ("eu-central-1", "173205080757"),
    ("cn-north-1", "223606797750"),
    ("us-gov-west-1", "264575131106"),
)


def probed_permissions(cls: type[Metric], argument_names: list[str]) -> Any:
    """What the override returns, with placeholders where it used region, account, project, environment, arguments."""
    name = cls.__name__
    metric = cls(name, "**PROJECT_NAME**", {}, "**ENVIRONMENT**")
    metric.arguments = {argument: f"**ARG:{argument}**" for argument in argument_names}
    region, account = _PROBE

    def template(text: str) -> str:
        return text.replace(region, "**REGION**").replace(account, "**ACCOUNT_ID**")

    def partitioned(text: str) -> str:
        return text.replace("arn:aws:", "arn:**PARTITION**:")

    found = mapped_strings(metric.get_iam_permissions(*_PROBE), template)
    results = {probe: metric.get_iam_permissions(*probe) for probe in _CROSS_CHECKS}
    for candidate in (found, mapped_strings(found, partitioned)):
        if all(_filled(candidate, *probe) == _filled(result, *probe) for probe, result in results.items()):
            return candidate
    raise MetricDeclarationError(
        name,
        "get_iam_permissions returns other statements for other regions or accounts, beyond the two words in them",
        "Build them from the parameters region and account_id alone, or declare _iam_permissions with the placeholders "
        "**REGION**, **ACCOUNT_ID** and **PARTITION**.",
    )


def _filled(statements: Any, region: str, account: str) -> Any:
    # What the override returns has placeholders too, those of the statements that it takes from Metric.
    partition = "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"

    def fill(text: str) -> str:
        for placeholder, value in (("REGION", region), ("ACCOUNT_ID", account), ("PARTITION", partition)):
            text = text.replace(f"**{placeholder}**", value)
        return text

    return mapped_strings(statements, fill)
