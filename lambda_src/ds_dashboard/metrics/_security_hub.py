"""Findings of Security Hub: of Security Hub CSPM (v1), and of the new Security Hub (v2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from ds_dashboard.metrics import NothingToReport, Reader
from ds_dashboard.metrics._aws import code_of

SEVERITIES = ("INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL")


def cspm_findings(reader: Reader, severities: Sequence[str]) -> Counter[str]:
    """Count the active findings of Security Hub CSPM that are new or notified, of the reader's account and region.

    Raises:
        botocore.exceptions.ClientError: with the code InvalidAccessException if it is not enabled.
    """
    equal = {
        "RecordState": ["ACTIVE"],
        "WorkflowStatus": ["NEW", "NOTIFIED"],
        "AwsAccountId": [reader.account_id],
        "Region": [reader.region],
        "SeverityLabel": severities,
    }
    filters = {name: [{"Value": value, "Comparison": "EQUALS"} for value in values] for name, values in equal.items()}
    return Counter(reader.pages("securityhub", "get_findings", "Findings", fields=_label, Filters=filters))


def v2_findings(reader: Reader, severities: Sequence[str]) -> Counter[str]:
    """Count the new findings of the new Security Hub, of the reader's account and region.

    Raises:
        NothingToReport: it is not enabled.
    """
    try:
        reader.call("securityhub", "describe_security_hub_v2")
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        raise NothingToReport("Security Hub is not enabled in this region") from error
    filters = {
        "StringFilters": [
            {"FieldName": name, "Filter": {"Value": value, "Comparison": "EQUALS"}}
            for name, value in (("cloud.account.uid", reader.account_id), ("cloud.region", reader.region))
        ],
        "NumberFilters": [{"FieldName": "status_id", "Filter": {"Eq": 1}}],
        "Operator": "AND",
    }
    answer = reader.call(
        "securityhub",
        "get_finding_statistics_v2",
        GroupByRules=[{"GroupByField": "severity", "Filters": {"CompositeFilters": [filters]}}],
    )
    counts: Counter[str] = Counter()
    for group in answer.get("GroupByResults", ()):
        for one in group.get("GroupByValues", ()):
            if one["FieldValue"].upper() in severities:
                counts[one["FieldValue"].upper()] += one["Count"]
    return counts


def _label(finding: Mapping[str, Any]) -> str:
    return str(finding["Severity"]["Label"])
