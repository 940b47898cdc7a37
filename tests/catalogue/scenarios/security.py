"""Security services: on, off, and seen from an administrator's account, which has the findings of other accounts."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

from ds_dashboard.metrics import NothingToReport
from ds_dashboard.testing import NOW, Answer, Error, Scenario

OWN, OTHER, REGION = "123456789012", "210987654321", "eu-west-1"

# Security Hub: every combination once.
FINDINGS = [
    {"severity": severity, "workflow": workflow, "state": state, "account": account, "region": region}
    for severity, workflow, state, account, region in product(
        ("CRITICAL", "HIGH", "MEDIUM"),
        ("NEW", "NOTIFIED", "RESOLVED", "SUPPRESSED"),
        ("ACTIVE", "ARCHIVED"),
        (OWN, OTHER),
        (REGION, "us-east-1"),
    )
] * 4
CSPM_FILTERS = {
    "RecordState": "state",
    "WorkflowStatus": "workflow",
    "AwsAccountId": "account",
    "Region": "region",
    "SeverityLabel": "severity",
}
CSPM_OFF = Error("InvalidAccessException", f"Account {OWN} is not subscribed to AWS Security Hub", 401)
V2_OFF = Error("ResourceNotFoundException", "Security Hub V2 is not enabled", 404)


def cspm(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer as Security Hub CSPM does in the home region of an administrator."""
    wanted = {
        CSPM_FILTERS[name]: {one["Value"] for one in values if one["Comparison"] == "EQUALS"}
        for name, values in parameters["Filters"].items()
    }
    found = [one for one in FINDINGS if all(one[name] in values for name, values in wanted.items())]
    return {"Findings": [{"Severity": {"Label": one["severity"]}, "AwsAccountId": one["account"]} for one in found]}


def v2(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer as the new Security Hub does; its findings are those that are active."""
    [rule] = parameters["GroupByRules"]
    [filters] = rule["Filters"]["CompositeFilters"]
    assert (rule["GroupByField"], filters["Operator"]) == ("severity", "AND")
    assert filters["NumberFilters"] == [{"FieldName": "status_id", "Filter": {"Eq": 1}}]
    names = {"cloud.account.uid": "account", "cloud.region": "region"}
    equal = {names[one["FieldName"]]: one["Filter"]["Value"] for one in filters["StringFilters"]}
    found = Counter(
        one["severity"].capitalize()
        for one in FINDINGS
        if one["workflow"] == "NEW" and all(one[name] == value for name, value in equal.items())
    )
    values = [{"FieldValue": name, "Count": count} for name, count in found.items()]
    return {"GroupByResults": [{"GroupByField": "severity", "GroupByValues": values}]}


def open_findings(*severities: str, workflows: tuple[str, ...] = ("NEW", "NOTIFIED"), **more: str) -> dict[str, int]:
    """Count the findings of this account and region."""
    found: dict[str, int] = {}
    for one in FINDINGS:
        is_own = one["account"] == OWN and one["region"] == REGION
        if is_own and one["severity"] in severities and one["workflow"] in workflows and more.items() <= one.items():
            found[one["severity"]] = found.get(one["severity"], 0) + 1
    return found


# GuardDuty: severity, whether it is archived, account.
THREATS = list(product((2.0, 3.9, 4.0, 5.5, 6.9, 7.0, 8.9, 9.0, 9.5), ("true", "false"), (OWN, OTHER))) * 2


def threats(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer as GuardDuty does in an administrator's account."""
    criteria = {name: one["Equals"] for name, one in parameters["FindingCriteria"]["Criterion"].items()}
    found = Counter(
        severity
        for severity, archived, account in THREATS
        if archived in criteria.get("service.archived", ["true", "false"])
        and account in criteria.get("accountId", [OWN, OTHER])
    )
    groups = [{"Severity": severity, "TotalFindings": count} for severity, count in found.items()]
    return {"FindingStatistics": {"GroupedBySeverity": groups[: parameters["MaxResults"]]}}


GUARDDUTY: dict[str, Answer] = {
    "guardduty.list_detectors": {"DetectorIds": ["abc"]},
    "guardduty.get_detector": {"Status": "ENABLED"},
    "guardduty.get_findings_statistics": threats,
}

# Inspector: `all` is the sum of the others.
SEVERITY_COUNTS = {"critical": 2, "high": 5, "medium": 30, "low": 4, "informational": 0, "untriaged": 1, "all": 42}
RESOURCES = {"ec2": "ENABLED", "ecr": "ENABLED", "lambda": "DISABLED", "lambdaCode": "DISABLED"}


def inspector(status: str) -> dict[str, Any]:
    """Return the status of this account."""
    state = {"errorCode": "ALREADY_ENABLED", "errorMessage": "any"}
    resources = {name: {"status": one, **state} for name, one in RESOURCES.items()}
    return {"accounts": [{"accountId": OWN, "state": {"status": status, **state}, "resourceState": resources}]}


def aggregations(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer as Inspector does in an administrator's account."""
    wanted = {one["value"] for one in parameters.get("accountIds", ()) if one["comparison"] == "EQUALS"}
    rows = {OWN: SEVERITY_COUNTS, OTHER: {"critical": 999, "all": 999}}
    return {
        "aggregationType": "ACCOUNT",
        "responses": [
            {"accountAggregation": {"accountId": account, "severityCounts": counts}}
            for account, counts in rows.items()
            if account in wanted or not wanted
        ],
    }


def rules(**counts: int) -> dict[str, Any]:
    """Return the answer of AWS Config with so many rules of each compliance."""
    kinds = [kind for kind, count in counts.items() for _ in range(count)]
    return {
        "ComplianceByConfigRules": [
            {"ConfigRuleName": f"rule-{n}", "Compliance": {"ComplianceType": kind}} for n, kind in enumerate(kinds)
        ]
    }


# The credential report: user, password, MFA, and of each key whether it is active and when it was created.
OLD, YOUNG, EDGE = (f"{NOW - timedelta(days=days):%Y-%m-%dT%H:%M:%S+00:00}" for days in (400, 3, 90))
USERS = [
    ("<root_account>", "true", "false", "true", OLD, "false", "N/A"),
    ("secure", "true", "true", "true", YOUNG, "false", "N/A"),
    ("old key", "false", "false", "true", OLD, "true", YOUNG),
    ("two old keys", "false", "false", "true", OLD, "true", OLD),
    ("inactive old key", "false", "false", "false", OLD, "false", "N/A"),
    ("exactly at the edge", "false", "false", "true", EDGE, "false", "N/A"),
    ("no MFA", "true", "false", "false", "N/A", "false", "N/A"),
    ("no MFA either", "true", "false", "false", "N/A", "false", "no_information"),
    ("unknown age", "no_information", "false", "true", "no_information", "false", "N/A"),
]
HEADER = (
    "user,password_enabled,mfa_active,access_key_1_active,access_key_1_last_rotated,"
    "access_key_2_active,access_key_2_last_rotated"
)
OLD_KEYS = sum((user[3:5] == ("true", OLD)) + (user[5:7] == ("true", OLD)) for user in USERS)


def report(*users: tuple[str, ...]) -> dict[str, Any]:
    """Return the answers of IAM for a credential report."""
    lines = "\n".join([HEADER, *(",".join(user) for user in users)])
    return {
        "iam.generate_credential_report": {"State": "COMPLETE"},
        "iam.get_credential_report": {
            "Content": lines.encode(),
            "ReportFormat": "text/csv",
            "GeneratedTime": datetime(2026, 11, 23, 18, tzinfo=UTC),
        },
    }


def root(password: int, keys: int, mfa: int) -> dict[str, Any]:
    """Return the answer of IAM about the root user."""
    summary = {"AccountPasswordPresent": password, "AccountAccessKeysPresent": keys, "AccountMFAEnabled": mfa}
    return {"iam.get_account_summary": {"SummaryMap": {"Users": len(USERS), **summary}}}


NO_USERS = report(USERS[0][:3] + ("false", "N/A", "false", "N/A"))
SECURE_ROOT, REMOVED_ROOT = root(1, 0, 1), root(0, 0, 0)

SCENARIOS = [
    *(
        Scenario(
            "SecurityHubFindings",
            value=sum(open_findings(*severities, state="ACTIVE").values()),
            breakdown=open_findings(*severities, state="ACTIVE"),
            arguments=arguments,
            answers={"securityhub.get_findings": cspm},
        )
        for severities, arguments in ((("CRITICAL", "HIGH"), {}), (("MEDIUM",), {"severities": "medium, LOW"}))
    ),
    Scenario(
        "SecurityHubFindings",
        value=sum(open_findings("CRITICAL", "HIGH", workflows=("NEW",)).values()),
        breakdown=open_findings("CRITICAL", "HIGH", workflows=("NEW",)),
        answers={
            "securityhub.get_findings": CSPM_OFF,
            "securityhub.describe_security_hub_v2": {"HubV2Arn": "any"},
            "securityhub.get_finding_statistics_v2": v2,
        },
        empty_answers={"securityhub.get_findings": CSPM_OFF},
        title="the new Security Hub alone",
    ),
    Scenario(
        "SecurityHubFindings",
        nothing="Security Hub is not enabled",
        answers={"securityhub.get_findings": CSPM_OFF, "securityhub.describe_security_hub_v2": V2_OFF},
        title="off",
    ),
    Scenario(
        "SecurityHubFindings",
        fails="no permission",
        answers={"securityhub.get_findings": Error("InvalidAccessException", "no permission", 401)},
        title="the error of off with another meaning",
    ),
    Scenario(
        "SecurityHubFindings",
        fails="use some of INFORMATIONAL, LOW, MEDIUM, HIGH, CRITICAL",
        arguments={"severities": "SEVERE"},
        answers={"securityhub.get_findings": cspm},
        title="a severity that does not exist",
    ),
    Scenario(
        "GuardDutyFindings",
        value=18,
        breakdown={"low": 4, "medium": 6, "high": 4, "critical": 4},
        answers=GUARDDUTY,
        empty=NothingToReport,
    ),
    Scenario("GuardDutyFindings", nothing="not enabled", answers={"guardduty.list_detectors": {}}, title="off"),
    Scenario(
        "GuardDutyFindings",
        nothing="suspended",
        answers={**GUARDDUTY, "guardduty.get_detector": {"Status": "DISABLED"}},
        title="suspended",
    ),
    Scenario(
        "GuardDutyFindings",
        fails="GuardDuty returned 100 severities",
        answers={
            **GUARDDUTY,
            "guardduty.get_findings_statistics": {
                "FindingStatistics": {
                    "GroupedBySeverity": [{"Severity": 1 + n / 100, "TotalFindings": 1} for n in range(100)]
                }
            },
        },
        title="more severities than one answer has",
    ),
    Scenario(
        "InspectorFindings",
        value=42,
        breakdown={name: count for name, count in SEVERITY_COUNTS.items() if count and name != "all"},
        answers={
            "inspector2.batch_get_account_status": inspector("ENABLED"),
            "inspector2.list_finding_aggregations": aggregations,
        },
        empty=0,
        empty_answers={"inspector2.batch_get_account_status": inspector("ENABLED")},
    ),
    *(
        Scenario(
            "InspectorFindings",
            nothing=f"its status is {status}",
            answers={"inspector2.batch_get_account_status": inspector(status)},
            title=status,
        )
        for status in ("DISABLED", "SUSPENDED")
    ),
    Scenario(
        "InspectorFindings",
        fails="INTERNAL_ERROR: try later",
        answers={
            "inspector2.batch_get_account_status": {
                "failedAccounts": [{"accountId": OWN, "errorCode": "INTERNAL_ERROR", "errorMessage": "try later"}]
            }
        },
        title="a status that cannot be read",
    ),
    *(
        Scenario(
            "ConfigRulesNoncompliant",
            value=counts.get("NON_COMPLIANT", 0),
            answers={"config.describe_compliance_by_config_rule": rules(**counts)},
            empty=NothingToReport,
        )
        for counts in (
            {"NON_COMPLIANT": 14, "COMPLIANT": 20, "INSUFFICIENT_DATA": 3, "NOT_APPLICABLE": 2},
            {"COMPLIANT": 2},
        )
    ),
    Scenario(
        "ConfigRulesNoncompliant",
        nothing="has evaluated none of its rules",
        answers={"config.describe_compliance_by_config_rule": rules(INSUFFICIENT_DATA=5)},
        title="rules without a recorder",
    ),
    *(
        Scenario(
            "S3PublicAccessOpen",
            value=value,
            answers={"s3control.get_public_access_block": {"PublicAccessBlockConfiguration": settings}},
            empty=4,
            empty_answers={
                "s3control.get_public_access_block": Error("NoSuchPublicAccessBlockConfiguration", "none", 404)
            },
            title=f"{value} open",
        )
        for value, settings in (
            (
                0,
                dict.fromkeys(
                    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
                ),
            ),
            (3, {"BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": False}),
        )
    ),
    Scenario("IamAccessKeysOld", value=OLD_KEYS, answers=report(*USERS), empty_answers=NO_USERS),
    Scenario("IamAccessKeysOld", value=0, arguments={"days": "500"}, answers=report(*USERS), empty_answers=NO_USERS),
    Scenario(
        "ConsoleLoginsWithoutMfa",
        value=2,
        breakdown={"user": 2},
        answers={**report(*USERS), **SECURE_ROOT},
        empty_answers={**NO_USERS, **SECURE_ROOT},
    ),
    *(
        Scenario(
            "ConsoleLoginsWithoutMfa",
            value=3,
            breakdown={"user": 2, "root": 1},
            answers={**report(*USERS), **root(password, keys, 0)},
            empty_answers={**NO_USERS, **SECURE_ROOT},
            title=f"root with {password} passwords and {keys} keys",
        )
        for password, keys in ((1, 0), (0, 1))
    ),
    Scenario(
        "ConsoleLoginsWithoutMfa",
        value=2,
        breakdown={"user": 2},
        answers={**report(*USERS), **REMOVED_ROOT},
        empty_answers={**NO_USERS, **REMOVED_ROOT},
        title="the organization removed the root user's credentials",
    ),
    Scenario(
        "ConsoleLoginsWithoutMfa",
        fails="GetAccountSummary of iam does not tell AccountPasswordPresent",
        answers={
            **report(*USERS),
            "iam.get_account_summary": {"SummaryMap": {"AccountAccessKeysPresent": 0, "AccountMFAEnabled": 1}},
        },
        title="an answer without what is needed",
    ),
]
