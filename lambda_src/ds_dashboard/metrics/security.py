"""Security of the account: findings of AWS's security services, credentials, and public access.

A service that is off has nothing to report, and not 0: nobody has looked. Findings of one service can be findings of
another, too: Security Hub has those of GuardDuty, Inspector and Config. Do not add these metrics.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from botocore.exceptions import ClientError

from ds_dashboard.metrics import Metric, MetricValue, NothingToReport
from ds_dashboard.metrics._aws import code_of, message_of, on_all
from ds_dashboard.metrics._credential_report import credential_report
from ds_dashboard.metrics._security_hub import SEVERITIES, cspm_findings, v2_findings
from ds_dashboard.metrics.errors import IncompleteAnswer

_BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_ROOT = ("AccountPasswordPresent", "AccountAccessKeysPresent", "AccountMFAEnabled")
_MAX_GROUPS = 100


class SecurityHubFindings(Metric):
    """Active findings of Security Hub that are new or notified, by severity.

    It counts findings of this account and region, also where an administrator sees other accounts, or the region
    collects those of others. It reads Security Hub CSPM; if only the new Security Hub (v2) is enabled, it reads
    that one, and counts its findings with the status new (status_id 1, assumed). Metadata.Product says which.

    A control in two standards is two findings, unless consolidated control findings are on. Passed controls are not
    counted, because AWS resolves their findings (assumed). Each page of 100 findings has some MB and takes a third of a
    second, so that 10,000 findings take half a minute: choose few severities.
    """

    unit = "Count"
    dimensions = ["Severity"]
    calls = "1 per 100 findings; 3 with the new Security Hub alone"
    may_read = "whole findings, with the resources and people in them"
    arguments = {
        "severities": {
            "type": "string",
            "default": "CRITICAL,HIGH",
            "description": f"The severities to count, separated by commas, of {', '.join(SEVERITIES)}.",
        }
    }
    _iam_permissions = (
        Metric._iam_permissions
        + on_all("securityhub:DescribeSecurityHubV2")
        + [
            {
                # That naming the hubs suffices is assumed.
                "Action": ["securityhub:GetFindings", "securityhub:GetAdhocInsightResults"],
                "Resource": [
                    "arn:**PARTITION**:securityhub:**REGION**:**ACCOUNT_ID**:hub/default",
                    "arn:**PARTITION**:securityhub:**REGION**:**ACCOUNT_ID**:hubv2/*",
                ],
            }
        ]
    )

    def _compute_value(self) -> MetricValue:
        severities = [one.strip().upper() for one in self.arguments["severities"].split(",") if one.strip()]
        unknown = sorted(set(severities) - set(SEVERITIES))
        if unknown or not severities:
            raise ValueError(f"severities is {self.arguments['severities']!r}; use some of {', '.join(SEVERITIES)}")
        try:
            found = cspm_findings(self, severities)
            self.metadata["Product"] = "Security Hub CSPM"
        except ClientError as error:
            if code_of(error) != "InvalidAccessException" or "not subscribed" not in message_of(error).lower():
                raise
            found = v2_findings(self, severities)
            self.metadata["Product"] = "Security Hub"
        return self.value(breakdown=found)


class GuardDutyFindings(Metric):
    """Findings of GuardDuty in this account and region that are not archived, by severity.

    GuardDuty's numbers are low below 4, medium below 7, high below 9, and critical from 9. It keeps findings for 90
    days (assumed). An administrator's findings of other accounts are not counted.
    """

    unit = "Count"
    dimensions = ["Severity"]
    calls = "3"
    _iam_permissions = (
        Metric._iam_permissions
        + on_all("guardduty:ListDetectors", "guardduty:GetFindingsStatistics")
        + [
            {
                "Action": "guardduty:GetDetector",
                "Resource": "arn:**PARTITION**:guardduty:**REGION**:**ACCOUNT_ID**:detector/*",
            }
        ]
    )

    def _compute_value(self) -> MetricValue:
        detectors = list(self.pages("guardduty", "list_detectors", "DetectorIds"))
        if not detectors:
            raise NothingToReport("GuardDuty is not enabled in this region")
        counts: Counter[str] = Counter()
        for detector in detectors:
            if self.call("guardduty", "get_detector", DetectorId=detector)["Status"] == "DISABLED":
                raise NothingToReport("GuardDuty is suspended in this region")
            for group in self._groups(detector):
                counts[_guardduty_severity(group["Severity"])] += group["TotalFindings"]
        return self.value(breakdown=counts)

    def _groups(self, detector: str) -> list[dict[str, Any]]:
        answer = self.call(
            "guardduty",
            "get_findings_statistics",
            DetectorId=detector,
            GroupBy="SEVERITY",
            MaxResults=_MAX_GROUPS,
            FindingCriteria={
                "Criterion": {"service.archived": {"Equals": ["false"]}, "accountId": {"Equals": [self.account_id]}}
            },
        )
        groups: list[dict[str, Any]] = answer["FindingStatistics"].get("GroupedBySeverity", [])
        if len(groups) >= _MAX_GROUPS:
            raise IncompleteAnswer(f"GuardDuty returned {_MAX_GROUPS} severities, and cannot return more")
        return groups


def _guardduty_severity(number: float) -> str:
    if number < 4:
        return "low"
    if number < 7:
        return "medium"
    return "high" if number < 9 else "critical"


class InspectorFindings(Metric):
    """Active findings of Inspector in this account and region, by severity.

    Metadata.Scanned names what Inspector scans: a resource type that it does not scan has no findings. An account
    without a row in Inspector's answer has none (assumed). Other accounts of an administrator are not counted.
    """

    unit = "Count"
    dimensions = ["Severity"]
    calls = "2"
    _iam_permissions = Metric._iam_permissions + on_all(
        "inspector2:BatchGetAccountStatus", "inspector2:ListFindingAggregations"
    )

    def _compute_value(self) -> MetricValue:
        status = self.call("inspector2", "batch_get_account_status", accountIds=[self.account_id])
        for failed in status.get("failedAccounts", ()):
            reason = f"{failed['errorCode']}: {failed['errorMessage']}"
            raise IncompleteAnswer(f"Inspector does not tell the status of the account ({reason})")
        account = next((one for one in status["accounts"] if one["accountId"] == self.account_id), None)
        if account is None or account["state"]["status"] != "ENABLED":
            state = "DISABLED" if account is None else account["state"]["status"]
            raise NothingToReport(f"Inspector is not enabled in this region: its status is {state}")
        self.metadata["Scanned"] = sorted(
            name for name, one in account["resourceState"].items() if one["status"] == "ENABLED"
        )
        counts: Counter[str] = Counter()
        rows = self.pages(
            "inspector2",
            "list_finding_aggregations",
            "responses",
            aggregationType="ACCOUNT",
            accountIds=[{"comparison": "EQUALS", "value": self.account_id}],
        )
        for row in rows:
            counts.update(row["accountAggregation"].get("severityCounts", {}))
        del counts["all"]
        return self.value(breakdown={name: count for name, count in counts.items() if count})


class ConfigRulesNoncompliant(Metric):
    """Rules of AWS Config with resources that do not comply.

    A rule counts once, however many resources do not comply. Rules without an evaluation are neither: Metadata has
    their number. Security Hub's own rules (`securityhub-...`) are in it, too.
    """

    unit = "Count"
    calls = "1 per page of rules"
    _iam_permissions = Metric._iam_permissions + on_all("config:DescribeComplianceByConfigRule")

    def _compute_value(self) -> int:
        rules = self.pages("config", "describe_compliance_by_config_rule", "ComplianceByConfigRules")
        counts = Counter(rule.get("Compliance", {}).get("ComplianceType", "INSUFFICIENT_DATA") for rule in rules)
        if not counts:
            raise NothingToReport("AWS Config has no rules in this region")
        self.metadata["Rules"] = counts.total()
        self.metadata["InsufficientData"] = counts["INSUFFICIENT_DATA"]
        if counts.total() == counts["INSUFFICIENT_DATA"]:
            raise NothingToReport("AWS Config has evaluated none of its rules in this region")
        return counts["NON_COMPLIANT"]


class S3PublicAccessOpen(Metric):
    """Settings of the account's S3 Block Public Access that are off, 0 to 4.

    AWS answers with the effective settings, those of the organization included. 4 does not mean that a bucket is
    public: buckets have settings of their own, which this metric does not read.
    """

    unit = "Count"
    scope = "account"
    calls = "1"
    _iam_permissions = Metric._iam_permissions + on_all("s3:GetAccountPublicAccessBlock")

    def _compute_value(self) -> int:
        try:
            answer = self.call("s3control", "get_public_access_block", AccountId=self.account_id)
        except ClientError as error:
            # The one error that is a value: nobody has set any of them.
            if code_of(error) == "NoSuchPublicAccessBlockConfiguration":
                return len(_BLOCKS)
            raise
        settings = answer["PublicAccessBlockConfiguration"]
        return sum(1 for name in _BLOCKS if settings.get(name) is not True)


class IamAccessKeysOld(Metric):
    """Active access keys that were created more than a number of days ago, with those of the root user.

    It reads IAM's credential report, which can be four hours old: Metadata.GeneratedTime. Keys whose age the report
    does not tell are not counted, and Metadata.UnknownAge is their number. People of Identity Center have no keys here.
    """

    unit = "Count"
    scope = "account"
    readings = [credential_report]
    arguments = {
        "days": {
            "type": "integer",
            "default": 90,
            "minimum": 1,
            "maximum": 3650,
            "description": "A key is old if it was created more days ago than this.",
        }
    }

    def _compute_value(self) -> int:
        report = self.read(credential_report)
        self.metadata["GeneratedTime"] = report.generated.isoformat()
        created = [at for user in report.users for at in user.active_keys]
        self.metadata["UnknownAge"] = created.count(None)
        since = self.window(days=self.arguments["days"]).since
        return sum(1 for at in created if at is not None and at < since)


class ConsoleLoginsWithoutMfa(Metric):
    """Users who can sign in to the console without a second factor, and the root user if it can.

    Users with a password and without MFA, from IAM's credential report, which can be four hours old. The root user
    counts if it has a password or an access key and no MFA; an organization can remove both. Metadata.RootAccessKeys is
    1 if the root user has an access key. People of Identity Center are not in it.
    """

    unit = "Count"
    scope = "account"
    dimensions = ["UserKind"]
    readings = [credential_report]
    calls = "1"
    _iam_permissions = Metric._iam_permissions + on_all("iam:GetAccountSummary")

    def _compute_value(self) -> MetricValue:
        report = self.read(credential_report)
        summary = self.call("iam", "get_account_summary")["SummaryMap"]
        missing = [name for name in _ROOT if name not in summary]
        if missing:
            raise IncompleteAnswer(f"GetAccountSummary of iam does not tell {', '.join(missing)}")
        password, keys, mfa = (summary[name] for name in _ROOT)
        self.metadata["GeneratedTime"] = report.generated.isoformat()
        self.metadata["RootAccessKeys"] = keys
        without = {
            "root": 1 if (password or keys) and not mfa else 0,
            "user": sum(1 for user in report.users if not user.is_root and user.has_password and not user.has_mfa),
        }
        return self.value(breakdown={kind: count for kind, count in without.items() if count})
