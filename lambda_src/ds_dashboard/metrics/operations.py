"""Operations of the account: events of AWS, advice, certificates, runtimes and backups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError

from ds_dashboard.metrics import Metric, MetricValue, NothingToReport
from ds_dashboard.metrics._aws import code_of, global_region, message_of, on_all
from ds_dashboard.metrics._lambda_runtimes import CHECKED, DEPRECATED

_KEY_TYPES = ("RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1")
_ORIGINS = ("AWS_MANAGED", "CUSTOMER_PROVIDED", "ACME")
# ACM renews eligible certificates 60 to 45 days before they expire. Later, something keeps it from that.
_LATE_RENEWAL = timedelta(days=15)
_NOT_BACKED_UP = ("FAILED", "ABORTED", "EXPIRED", "PARTIAL")


class HealthEventsOpen(Metric):
    """Open and upcoming events of AWS Health that concern this account, by category and status.

    Public events, which AWS shows in every account, are not counted. The API needs a support plan (Business or above,
    and from 2027 Business Support+ or above); without one there is nothing to report. It is in us-east-1, which a spoke
    in a VPC must reach.
    """

    unit = "Count"
    dimensions = ["Category", "Status"]
    scope = "account"
    calls = "1 per 100 events, with public ones"
    arguments = {
        "regions": {
            "type": "string",
            "default": "",
            "description": "The regions of the events to count, separated by commas, at most 10; empty for all.",
        }
    }
    _iam_permissions = Metric._iam_permissions + on_all("health:DescribeEvents")

    def _compute_value(self) -> MetricValue:
        regions = [one.strip() for one in self.arguments["regions"].split(",") if one.strip()]
        events = self.pages(
            "health",
            "describe_events",
            "events",
            region=global_region(self.partition),
            fields=("eventScopeCode", "eventTypeCategory", "statusCode"),
            filter={"eventStatusCodes": ["open", "upcoming"], **({"regions": regions} if regions else {})},
        )
        try:
            counts = Counter(
                (one["eventTypeCategory"], one["statusCode"])
                for one in events
                if one.get("eventScopeCode") == "ACCOUNT_SPECIFIC"
            )
        except ClientError as error:
            if code_of(error) == "SubscriptionRequiredException":
                raise NothingToReport("the account's support plan has no AWS Health API") from error
            raise
        return self.value(breakdown=counts)


class TrustedAdvisorFlagged(Metric):
    """Recommendations of Trusted Advisor with a warning or an error, by pillar and status.

    A recommendation with several pillars counts once in each, and once in the headline. Metadata has the number of
    resources with an error and with a warning. Some recommendations are those of Security Hub and Cost Optimization
    Hub: do not add the metrics. The API needs a support plan (Business or above, and from 2027 Business Support+ or
    above); without one there is nothing to report. It is in us-east-1, which a spoke in a VPC must reach.
    """

    unit = "Count"
    dimensions = ["Pillar", "Status"]
    scope = "account"
    calls = "1 per 100 recommendations with an error, and with a warning"
    _iam_permissions = Metric._iam_permissions + on_all("trustedadvisor:ListRecommendations")

    def _compute_value(self) -> MetricValue:
        try:
            flagged = {status: list(self._recommendations(status)) for status in ("error", "warning")}
        except ClientError as error:
            # The code is that of a missing permission.
            if code_of(error) == "AccessDeniedException" and "support level" in message_of(error).lower():
                raise NothingToReport("the account's support plan has no Trusted Advisor API") from error
            raise
        found = [one for some in flagged.values() for one in some]
        self.metadata["ErrorResources"] = sum(one["resourcesAggregates"]["errorCount"] for one in found)
        self.metadata["WarningResources"] = sum(one["resourcesAggregates"]["warningCount"] for one in found)
        rows = Counter(
            (pillar, status) for status, some in flagged.items() for one in some for pillar in one["pillars"]
        )
        return self.value(len(found), breakdown=rows)

    def _recommendations(self, status: str) -> Iterator[Any]:
        return self.pages(
            "trustedadvisor",
            "list_recommendations",
            "recommendationSummaries",
            region=global_region(self.partition),
            fields=("pillars", "resourcesAggregates"),
            type="standard",
            status=status,
        )


class CertificatesExpiring(Metric):
    """Certificates of ACM in this region that expire soon, by type.

    Imported and private certificates and those that ACM cannot renew count if they expire within `days`. Those that ACM
    renews by itself count in their last 15 days, when something keeps ACM from it. Certificates of CloudFront are in
    us-east-1, and server certificates of IAM are not in it.
    """

    unit = "Count"
    dimensions = ["Type"]
    calls = "1 per 100 certificates"
    arguments = {
        "days": {
            "type": "integer",
            "default": 30,
            "minimum": 1,
            "maximum": 400,
            "description": "A certificate expires soon if it does within this number of days.",
        },
        "in_use_only": {
            "type": "boolean",
            "default": False,
            "description": "Whether to count only certificates that an AWS service uses.",
        },
    }
    _iam_permissions = Metric._iam_permissions + on_all("acm:ListCertificates")

    def _compute_value(self) -> MetricValue:
        # Without key types, ACM returns certificates with the RSA keys of 1024 and 2048 bits only.
        certificates = self.pages(
            "acm",
            "list_certificates",
            "CertificateSummaryList",
            fields=("Type", "RenewalEligibility", "InUse", "NotAfter"),
            CertificateStatuses=["ISSUED"],
            Includes={"keyTypes": list(_KEY_TYPES)},
            CertificateKeyPairOrigins=list(_ORIGINS),
        )
        return self.value(breakdown=Counter(one["Type"] for one in certificates if self._expires(one)))

    def _expires(self, certificate: dict[str, Any]) -> bool:
        if self.arguments["in_use_only"] and not certificate.get("InUse"):
            return False
        soon = timedelta(days=self.arguments["days"])
        if certificate["Type"] == "AMAZON_ISSUED" and certificate.get("RenewalEligibility") == "ELIGIBLE":
            soon = min(soon, _LATE_RENEWAL)
        return bool(certificate["NotAfter"] - self.now() < soon)


class LambdaFunctionsDeprecated(Metric):
    """Lambda functions in this region whose runtime AWS has deprecated, by runtime.

    The dates are in a table of this package, because no API tells them: Metadata.TableChecked is its age, and
    Metadata.UnknownRuntimes lists the runtimes that it lacks, which are not counted. Its dates of 2026 and later are
    assumed. Functions from container images have no runtime. Only the version $LATEST is read.
    """

    unit = "Count"
    dimensions = ["Runtime"]
    calls = "1 per 50 functions"
    may_read = "environment variables and settings of all functions"
    _iam_permissions = Metric._iam_permissions + on_all("lambda:ListFunctions")

    def _compute_value(self) -> MetricValue:
        functions = self.pages("lambda", "list_functions", "Functions", fields=("Runtime",))
        counts = Counter(one["Runtime"] for one in functions if "Runtime" in one)
        today = self.now().date()
        self.metadata["TableChecked"] = CHECKED
        self.metadata["UnknownRuntimes"] = sorted(set(counts) - set(DEPRECATED))
        dates = {runtime: DEPRECATED.get(runtime) for runtime in counts}
        return self.value(
            breakdown={runtime: counts[runtime] for runtime, day in dates.items() if day is not None and day <= today}
        )


class BackupJobs24h(Metric):
    """Jobs of AWS Backup that ended in the last 24 hours without a complete backup; all jobs by state.

    The headline is the number of jobs in the states FAILED, ABORTED, EXPIRED and PARTIAL. A job that AWS completed with
    issues is the row COMPLETED_WITH_ISSUES. Children of a composite job are not counted. No job at all is nothing to
    report, and not 0: nothing was backed up. AWS keeps jobs for 30 days. Expired jobs may have no end (assumed), and
    are counted if AWS returns them for the window.
    """

    unit = "Count"
    dimensions = ["State"]
    historical = True
    calls = "1 per 100 jobs that ended in 24 hours"
    _iam_permissions = Metric._iam_permissions + on_all("backup:ListBackupJobs")

    def _compute_value(self) -> MetricValue:
        window = self.window(hours=24)
        jobs = self.pages(
            "backup",
            "list_backup_jobs",
            "BackupJobs",
            fields=("State", "CompletionDate", "ParentJobId", "MessageCategory"),
            ByCompleteAfter=window.since,
            ByCompleteBefore=window.until,
            ByAccountId=self.account_id,
        )
        counts = Counter(
            _state(one)
            for one in jobs
            if "ParentJobId" not in one and ("CompletionDate" not in one or one["CompletionDate"] in window)
        )
        if not counts:
            raise NothingToReport("no job of AWS Backup ended in the window")
        return self.value(_total(counts, _NOT_BACKED_UP), breakdown=counts)


def _state(job: dict[str, Any]) -> str:
    with_issues = job["State"] == "COMPLETED" and job.get("MessageCategory", "SUCCESS") != "SUCCESS"
    return "COMPLETED_WITH_ISSUES" if with_issues else str(job["State"])


def _total(counts: Counter[str], states: Iterable[str]) -> int:
    return sum(counts[state] for state in states)
