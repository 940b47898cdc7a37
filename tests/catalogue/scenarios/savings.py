"""What could be saved: services that are off, payers who see other accounts, and what is new or not used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3

from ds_dashboard.metrics import NothingToReport
from ds_dashboard.testing import NOW, Answer, Error, Scenario
from ds_dashboard.testing.cloudwatch import Values, metric_data

OWN, OTHER = "123456789012", "210987654321"
NO_DATA = Error("DataUnavailableException", "Data is not available.")

# The hub's rows overlap: its total is smaller than their sum.
ACTIONS = {"Rightsize": 100.5, "Stop": 20.25, "PurchaseSavingsPlans": 300.0, **{f"Action{n}": 1.0 for n in range(12)}}


def enrolment(status: str) -> dict[str, Any]:
    """Return the enrolment of this account, and of another one that an administrator sees."""
    return {"items": [{"accountId": OTHER, "status": "Active"}, {"accountId": OWN, "status": status}]}


def recommendations(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer as Cost Optimization Hub does for an administrator."""
    assert (parameters["groupBy"], parameters["filter"]) == ("ActionType", {"accountIds": [OWN]})
    return {
        "estimatedTotalDedupedSavings": 350.75,
        "currencyCode": "USD",
        "groupBy": "ActionType",
        "items": [{"group": group, "estimatedMonthlySavings": saved} for group, saved in ACTIONS.items()],
    }


ENROLLED: dict[str, Answer] = {
    "cost-optimization-hub.list_enrollment_statuses": enrolment("Active"),
    "cost-optimization-hub.list_recommendation_summaries": recommendations,
}

LOG_GROUPS = [
    {"logGroupName": "a", "storedBytes": 10},
    {"logGroupName": "b", "storedBytes": 20, "logGroupClass": "STANDARD"},
    {"logGroupName": "c", "storedBytes": 400, "logGroupClass": "INFREQUENT_ACCESS"},
    {"logGroupName": "d", "storedBytes": 8000, "logGroupClass": "DELIVERY"},
    *({"logGroupName": f"e{n}", "storedBytes": 70000, "retentionInDays": 30} for n in range(60)),
    *({"logGroupName": f"f{n}", "storedBytes": 1, "logGroupClass": "STANDARD"} for n in range(60)),
]

# Name, age in days, state, mode, bytes of each hour; None if CloudWatch has no such metric.
GATEWAYS: list[tuple[str, float, str, str, tuple[float, ...] | None]] = [
    ("nat-busy", 30, "available", "zonal", (0, 5, 0)),
    ("nat-busy-before-the-window", 30, "available", "zonal", (9, *(0,) * 168)),
    ("nat-silent", 30, "available", "zonal", (0, 0, 0)),
    ("nat-without-data", 30, "available", "zonal", None),
    ("nat-exactly-7-days", 7, "available", "zonal", None),
    ("nat-young", 6.9, "available", "zonal", None),
    ("nat-deleted", 30, "deleted", "zonal", None),
    ("nat-regional", 30, "available", "regional", None),
]


def gateways(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer as EC2 does."""
    [condition] = parameters["Filter"]
    return {
        "NatGateways": [
            {"NatGatewayId": name, "CreateTime": NOW - timedelta(days=age), "State": state, "AvailabilityMode": mode}
            for name, age, state, mode, _ in GATEWAYS
            if state in condition["Values"]
        ]
    }


SENT = metric_data(
    *(
        Values("AWS/NATGateway", "BytesOutToDestination", {"NatGatewayId": name}, sent)
        for name, _, _, _, sent in GATEWAYS
        if sent is not None
    ),
    Values("AWS/NATGateway", "BytesOutToDestination", {"NatGatewayId": "nat-without-data", "Zone": "a"}, (7, 7)),
)
VOLUMES = [("gp3", 100), ("gp3", 20), ("io2", 5), *[("gp2", 1)] * 25]

# Account of the first root cause (none if AWS found no cause), service, impact, feedback.
ANOMALIES = [
    (OWN, "Amazon SageMaker", 12.5, None),
    (OWN, "Amazon SageMaker", 0.1, "YES"),
    (OWN, "Amazon SageMaker", 0.2, "PLANNED_ACTIVITY"),
    (OWN, "AWS Glue", 1000.0, "NO"),
    (OTHER, "AWS Glue", 2000.0, None),
    ("", "Amazon Athena", 3.0, None),
    *[(OWN, "Amazon Simple Storage Service", 1.01, None)] * 20,
]
IMPACT = {
    service: sum(
        (
            Decimal(str(impact))
            for account, its_service, impact, feedback in ANOMALIES
            if account in (OWN, "") and its_service == service and feedback != "NO"
        ),
        Decimal(0),
    )
    for service in ("Amazon SageMaker", "Amazon Athena", "Amazon Simple Storage Service")
}
MONITORS = {"AnomalyMonitors": [{"MonitorName": "services", "MonitorType": "DIMENSIONAL"}]}


def anomalies(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer as Cost Explorer does in a payer account."""
    assert parameters["DateInterval"] == {"StartDate": "2026-10-24", "EndDate": "2026-11-23"}
    return {
        "Anomalies": [
            {
                "DimensionValue": service,
                "RootCauses": [{"Service": service, "LinkedAccount": account}] if account else [],
                "Impact": {"MaxImpact": impact, "TotalImpact": impact},
                **({"Feedback": feedback} if feedback else {}),
            }
            for account, service, impact, feedback in ANOMALIES
        ]
    }


def utilisation(percentage: str, commitment: str) -> Answer:
    """Return the answer of Cost Explorer for this account's plans in this month."""

    def answer(parameters: dict[str, Any]) -> dict[str, Any]:
        assert parameters["TimePeriod"] == {"Start": "2026-11-01", "End": "2026-11-23"}
        assert parameters["Filter"] == {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [OWN]}}
        used = {"TotalCommitment": commitment, "UtilizationPercentage": percentage}
        period = {"Start": "2026-11-01", "End": "2026-11-23"}
        return {
            "SavingsPlansUtilizationsByTime": [{"TimePeriod": period, "Utilization": used}],
            "Total": {"Utilization": used},
        }

    return answer


def two_volumes() -> None:
    """Create volumes that are attached to nothing."""
    ec2 = boto3.client("ec2")
    for kind, size in (("gp3", 100), ("gp2", 5)):
        ec2.create_volume(AvailabilityZone="eu-west-1a", VolumeType=kind, Size=size)


def three_log_groups() -> None:
    """Create log groups, one of which has a retention."""
    logs = boto3.client("logs")
    for name in ("one", "two", "kept"):
        logs.create_log_group(logGroupName=name)
    logs.put_retention_policy(logGroupName="kept", retentionInDays=30)


SCENARIOS = [
    Scenario(
        "EstimatedMonthlySavings",
        value=Decimal("350.75"),
        breakdown={group: Decimal(str(saved)) for group, saved in ACTIONS.items()},
        answers=ENROLLED,
        empty=NothingToReport,
    ),
    Scenario(
        "EstimatedMonthlySavings",
        value=Decimal(0),
        answers={**ENROLLED, "cost-optimization-hub.list_recommendation_summaries": {"currencyCode": "USD"}},
        empty=NothingToReport,
        title="nothing to save",
    ),
    *(
        Scenario(
            "EstimatedMonthlySavings",
            nothing="not enrolled",
            answers={"cost-optimization-hub.list_enrollment_statuses": answer},
            title=title,
        )
        for title, answer in {"inactive": enrolment("Inactive"), "never enrolled": {"items": []}}.items()
    ),
    Scenario(
        "EstimatedMonthlySavings",
        fails="in EUR, and the metric reports USD",
        answers={
            **ENROLLED,
            "cost-optimization-hub.list_recommendation_summaries": {
                "currencyCode": "EUR",
                "estimatedTotalDedupedSavings": 5.0,
            },
        },
        title="another currency",
    ),
    Scenario(
        "LogBytesWithoutRetention",
        value=10 + 20 + 400 + 60,
        breakdown={"STANDARD": 90, "INFREQUENT_ACCESS": 400},
        answers={"logs.describe_log_groups": {"logGroups": LOG_GROUPS}},
    ),
    Scenario(
        "LogGroupsWithoutRetention",
        value=63,
        breakdown={"STANDARD": 62, "INFREQUENT_ACCESS": 1},
        answers={"logs.describe_log_groups": {"logGroups": LOG_GROUPS}},
    ),
    Scenario(
        "IdleNatGateways7d",
        value=3,
        answers={"ec2.describe_nat_gateways": gateways, "cloudwatch.get_metric_data": SENT},
    ),
    Scenario(
        "UnattachedVolumeBytes",
        value=sum(size for _, size in VOLUMES) * 1024**3,
        breakdown={"gp3": 120 * 1024**3, "io2": 5 * 1024**3, "gp2": 25 * 1024**3},
        answers={"ec2.describe_volumes": {"Volumes": [{"VolumeType": kind, "Size": size} for kind, size in VOLUMES]}},
    ),
    Scenario(
        "CostAnomalyImpact30d",
        value=sum(IMPACT.values(), Decimal(0)),
        breakdown=IMPACT,
        answers={"ce.get_anomaly_monitors": MONITORS, "ce.get_anomalies": anomalies},
        empty=NothingToReport,
    ),
    Scenario(
        "CostAnomalyImpact30d",
        value=Decimal(0),
        answers={"ce.get_anomaly_monitors": MONITORS, "ce.get_anomalies": {}},
        empty=NothingToReport,
        title="no anomaly",
    ),
    Scenario(
        "SavingsPlansUtilisation",
        value=Decimal("97.25"),
        answers={"ce.get_savings_plans_utilization": utilisation("97.25", "120.5")},
        empty=NothingToReport,
    ),
    *(
        Scenario(
            "SavingsPlansUtilisation",
            nothing="no savings plan",
            answers={"ce.get_savings_plans_utilization": answer},
            title=title,
        )
        for title, answer in {"no plan": utilisation("0", "0"), "no data": NO_DATA}.items()
    ),
    Scenario(
        "SavingsPlansUtilisation",
        nothing="no full day yet",
        now=datetime(2026, 11, 1, 0, 5, tzinfo=UTC),
        title="the first of the month",
    ),
    Scenario(
        "UnattachedVolumeBytes",
        value=105 * 1024**3,
        breakdown={"gp3": 100 * 1024**3, "gp2": 5 * 1024**3},
        seed=two_volumes,
        title="volumes of moto",
    ),
    Scenario(
        "LogGroupsWithoutRetention",
        value=2,
        breakdown={"STANDARD": 2},
        seed=three_log_groups,
        title="log groups of moto",
    ),
]
