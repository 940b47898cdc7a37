"""Operations: services with a support plan and without, and lists that AWS filters unless it is asked not to."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from ds_dashboard.metrics import NothingToReport
from ds_dashboard.testing import DENIED, NOW, Error, Scenario

OWN, OTHER = "123456789012", "210987654321"

EVENTS = [
    {"eventTypeCategory": category, "statusCode": status, "eventScopeCode": scope, "region": region}
    for category, status, scope, region in product(
        ("issue", "scheduledChange", "accountNotification"),
        ("open", "upcoming", "closed"),
        ("ACCOUNT_SPECIFIC", "PUBLIC"),
        ("eu-west-1", "global"),
    )
] * 2
OPEN_EVENTS = Counter(
    (one["eventTypeCategory"], one["statusCode"])
    for one in EVENTS
    if one["eventScopeCode"] != "PUBLIC" and one["statusCode"] != "closed"
)
NO_PLAN = Error("SubscriptionRequiredException", "The AWS Premium Support Subscription is required")
NO_LEVEL = Error("AccessDeniedException", "Access denied due to support level", 403)


def events(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer as AWS Health does, which returns public events, too."""
    statuses, regions = parameters["filter"]["eventStatusCodes"], parameters["filter"].get("regions")
    return {
        "events": [
            one for one in EVENTS if one["statusCode"] in statuses and (regions is None or one["region"] in regions)
        ]
    }


def advice(*pillars: str, errors: int, warnings: int) -> dict[str, Any]:
    """Return a recommendation; its status is the worse one of its resources."""
    counts = {"okCount": 1, "errorCount": errors, "warningCount": warnings}
    status = "error" if errors else "warning" if warnings else "ok"
    return {"pillars": list(pillars), "status": status, "type": "standard", "resourcesAggregates": counts}


ADVICE = [
    advice("cost_optimizing", errors=0, warnings=7),
    advice("security", "fault_tolerance", errors=2, warnings=1),
    *[advice("security", errors=1, warnings=0)] * 12,
    *[advice("performance", errors=0, warnings=0)] * 30,
]
FLAGGED = {
    ("cost_optimizing", "warning"): 1,
    ("security", "error"): 13,
    ("fault_tolerance", "error"): 1,
}


def recommendations(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer as Trusted Advisor does."""
    assert parameters["type"] == "standard"
    return {"recommendationSummaries": [one for one in ADVICE if one["status"] == parameters["status"]]}


def certificate(days: float, kind: str, key: str = "RSA_2048", **more: Any) -> dict[str, Any]:
    """Return a certificate that expires in some days."""
    return {
        "Type": kind,
        "KeyAlgorithm": key,
        "NotAfter": NOW + timedelta(days=days),
        "Status": "ISSUED",
        "InUse": True,
        "CertificateKeyPairOrigin": "CUSTOMER_PROVIDED" if kind == "IMPORTED" else "AWS_MANAGED",
        **more,
    }


RENEWED: dict[str, Any] = {"RenewalEligibility": "ELIGIBLE"}
CERTIFICATES = [
    certificate(29, "IMPORTED"),
    certificate(29, "IMPORTED", "EC_prime256v1"),
    certificate(29, "IMPORTED", "RSA_4096", InUse=False),
    certificate(30, "IMPORTED"),
    certificate(-1, "IMPORTED", Status="EXPIRED"),
    certificate(20, "PRIVATE", **RENEWED),
    certificate(16, "AMAZON_ISSUED", **RENEWED),
    certificate(14, "AMAZON_ISSUED", **RENEWED),
    certificate(20, "AMAZON_ISSUED", RenewalEligibility="INELIGIBLE"),
    certificate(20, "AMAZON_ISSUED", CertificateKeyPairOrigin="ACME", RenewalEligibility="INELIGIBLE"),
    *[certificate(200, "AMAZON_ISSUED", **RENEWED)] * 11,
]


def certificates(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer as ACM does: without filters, only RSA keys of up to 2048 bits, and none of ACME."""
    keys = parameters.get("Includes", {}).get("keyTypes", ["RSA_1024", "RSA_2048"])
    origins = parameters.get("CertificateKeyPairOrigins", ["AWS_MANAGED", "CUSTOMER_PROVIDED"])
    return {
        "CertificateSummaryList": [
            one
            for one in CERTIFICATES
            if one["Status"] in parameters["CertificateStatuses"]
            and one["KeyAlgorithm"] in keys
            and one["CertificateKeyPairOrigin"] in origins
        ]
    }


RUNTIMES = {"python3.9": 12, "nodejs20.x": 3, "python3.13": 30, "nodejs22.x": 2, "go1.x": 1, "dotnet8": 1}
FUNCTIONS = [
    *({"FunctionName": "any", "Runtime": runtime} for runtime, count in RUNTIMES.items() for _ in range(count)),
    *[{"FunctionName": "image", "PackageType": "Image"}] * 4,
]


def backup(state: str, hours: float | None, **more: Any) -> dict[str, Any]:
    """Return a job that ended some hours ago."""
    ended = {} if hours is None else {"CompletionDate": NOW - timedelta(hours=hours)}
    return {"State": state, "AccountId": OWN, **ended, **more}


JOBS = [
    *[backup("COMPLETED", 2)] * 21,
    backup("COMPLETED", 2, MessageCategory="SUCCESS"),
    backup("COMPLETED", 3, MessageCategory="VSS_WARNING"),
    backup("FAILED", 0.001),
    backup("FAILED", 24),
    backup("FAILED", 24.001),
    backup("FAILED", 0),
    backup("FAILED", 5, AccountId=OTHER),
    backup("FAILED", 5, ParentJobId="parent"),
    backup("ABORTED", 6),
    backup("PARTIAL", 7),
    backup("EXPIRED", None),
]


def backups(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer as AWS Backup does in a management account, with both ends of the window, and expired jobs at any time."""
    since, until = parameters["ByCompleteAfter"], parameters["ByCompleteBefore"]

    def is_between(ended: datetime | None) -> bool:
        return ended is None or since <= ended <= until

    return {
        "BackupJobs": [
            one
            for one in JOBS
            if parameters.get("ByAccountId") in (None, one["AccountId"]) and is_between(one.get("CompletionDate"))
        ]
    }


SCENARIOS = [
    Scenario(
        "HealthEventsOpen",
        value=OPEN_EVENTS.total(),
        breakdown=OPEN_EVENTS,
        answers={"health.describe_events": events},
    ),
    Scenario(
        "HealthEventsOpen",
        value=OPEN_EVENTS.total() // 2,
        breakdown={key: count // 2 for key, count in OPEN_EVENTS.items()},
        arguments={"regions": "eu-west-1, us-east-1"},
        answers={"health.describe_events": events},
        title="of some regions",
    ),
    Scenario(
        "HealthEventsOpen",
        nothing="support plan has no AWS Health API",
        answers={"health.describe_events": NO_PLAN},
        title="no support plan",
    ),
    Scenario(
        "TrustedAdvisorFlagged",
        value=14,
        breakdown=FLAGGED,
        answers={"trustedadvisor.list_recommendations": recommendations},
    ),
    Scenario(
        "TrustedAdvisorFlagged",
        nothing="support plan has no Trusted Advisor API",
        answers={"trustedadvisor.list_recommendations": NO_LEVEL},
        title="no support plan",
    ),
    Scenario(
        "TrustedAdvisorFlagged",
        fails="trustedadvisor",
        answers={
            "trustedadvisor.list_recommendations": DENIED._replace(
                message="User: any is not authorized to perform: trustedadvisor:ListRecommendations"
            )
        },
        title="the same code for a missing permission",
    ),
    Scenario(
        "CertificatesExpiring",
        value=7,
        breakdown={"IMPORTED": 3, "PRIVATE": 1, "AMAZON_ISSUED": 3},
        answers={"acm.list_certificates": certificates},
    ),
    Scenario(
        "CertificatesExpiring",
        value=2,
        breakdown={"IMPORTED": 2},
        arguments={"days": "30", "in_use_only": "true"},
        answers={"acm.list_certificates": {"CertificateSummaryList": CERTIFICATES[:4]}},
        title="in use only",
    ),
    Scenario(
        "LambdaFunctionsDeprecated",
        value=17,
        breakdown={"python3.9": 12, "nodejs20.x": 3, "go1.x": 1, "dotnet8": 1},
        answers={"lambda.list_functions": {"Functions": FUNCTIONS}},
    ),
    Scenario(
        "LambdaFunctionsDeprecated",
        value=13,
        breakdown={"python3.9": 12, "go1.x": 1},
        answers={"lambda.list_functions": {"Functions": [*FUNCTIONS[:12], *FUNCTIONS[-6:]]}},
        now=datetime(2026, 11, 9, 23, 59, tzinfo=NOW.tzinfo),
        title="the day before a deprecation",
    ),
    Scenario(
        "LambdaFunctionsDeprecated",
        value=1,
        breakdown={"dotnet8": 1},
        answers={"lambda.list_functions": {"Functions": FUNCTIONS[-5:]}},
        now=datetime(2026, 11, 10, tzinfo=NOW.tzinfo),
        title="the day of a deprecation",
    ),
    Scenario(
        "BackupJobs24h",
        value=5,
        breakdown={
            "COMPLETED": 22,
            "COMPLETED_WITH_ISSUES": 1,
            "FAILED": 2,
            "ABORTED": 1,
            "PARTIAL": 1,
            "EXPIRED": 1,
        },
        answers={"backup.list_backup_jobs": backups},
        empty=NothingToReport,
    ),
]
