"""What could be saved: AWS's own estimates, commitments, and what is paid for and not used."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ds_dashboard.metrics import Metric, MetricValue, NothingToReport, Reader, reading
from ds_dashboard.metrics._aws import METRIC_DATA, METRIC_DATA_USD, exact, global_region, on_all, us_dollars
from ds_dashboard.metrics._cost_explorer import REQUEST_USD, month, nothing_without_data, own_account
from ds_dashboard.metrics.errors import IncompleteAnswer

_ANOMALIES_KEPT = timedelta(days=90)
_GIB = 2**30
_NO_PLANS = "the account has no savings plan in this month"


class EstimatedMonthlySavings(Metric):
    """What Cost Optimization Hub says the account could save in a month, by type of action.

    The headline is AWS's total without what overlaps; the rows overlap and add up to more. It includes the advice of
    Compute Optimizer, and of reservations and savings plans. If discounts are considered is a setting of the account.
    The API is in us-east-1, which a spoke in a VPC must reach. That actions group by ActionType is assumed.
    """

    unit = "USD"
    dimensions = ["ActionType"]
    scope = "account"
    calls = "2"
    _iam_permissions = Metric._iam_permissions + on_all(
        "cost-optimization-hub:ListEnrollmentStatuses", "cost-optimization-hub:ListRecommendationSummaries"
    )

    def _compute_value(self) -> MetricValue:
        region = global_region(self.partition)
        # If the account is not enrolled, the other call is denied, as without the permission (assumed).
        enrolled = self.pages("cost-optimization-hub", "list_enrollment_statuses", "items", region=region)
        if not any(one["status"] == "Active" for one in enrolled if one.get("accountId") == self.account_id):
            raise NothingToReport("the account is not enrolled in Cost Optimization Hub")
        pages = (
            self.client("cost-optimization-hub", region=region)
            .get_paginator("list_recommendation_summaries")
            .paginate(groupBy="ActionType", filter={"accountIds": [self.account_id]}, maxResults=1000)
        )
        rows: dict[str, Decimal] = {}
        total: Decimal | None = None
        for page in pages:
            currency = page.get("currencyCode")
            if "estimatedTotalDedupedSavings" in page:
                total = us_dollars(page["estimatedTotalDedupedSavings"], currency)
            for one in page.get("items", ()):
                saved = us_dollars(one["estimatedMonthlySavings"], currency)
                rows[one["group"]] = rows.get(one["group"], Decimal(0)) + saved
        if total is None and rows:
            raise IncompleteAnswer("Cost Optimization Hub does not tell the total of its savings")
        return self.value(total or Decimal(0), breakdown=rows)


@reading(permissions=on_all("logs:DescribeLogGroups"), calls="1 per 50 log groups")
def kept_for_ever(reader: Reader) -> list[tuple[str, int]]:
    """Class and size of every log group without retention."""
    groups = reader.pages(
        "logs", "describe_log_groups", "logGroups", fields=("retentionInDays", "storedBytes", "logGroupClass")
    )
    # Groups of the class DELIVERY have a fixed retention (assumed).
    return [
        (one.get("logGroupClass", "STANDARD"), one.get("storedBytes", 0))
        for one in groups
        if "retentionInDays" not in one and one.get("logGroupClass") != "DELIVERY"
    ]


class LogBytesWithoutRetention(Metric):
    """Bytes in log groups of this region that are kept for ever, by class.

    CloudWatch Logs updates the sizes some hours late (assumed). Log groups of the class DELIVERY have a fixed retention
    (assumed) and are not counted, nor those of other accounts that a monitoring account sees.
    """

    unit = "Bytes"
    dimensions = ["LogGroupClass"]
    readings = [kept_for_ever]

    def _compute_value(self) -> MetricValue:
        sizes: Counter[str] = Counter()
        for kind, size in self.read(kept_for_ever):
            sizes[kind] += size
        return self.value(breakdown=sizes)


class LogGroupsWithoutRetention(Metric):
    """Log groups of this region that are kept for ever, by class.

    Log groups of the class DELIVERY have a fixed retention (assumed) and are not counted, nor those of other accounts
    that a monitoring account sees.
    """

    unit = "Count"
    dimensions = ["LogGroupClass"]
    readings = [kept_for_ever]

    def _compute_value(self) -> MetricValue:
        return self.value(breakdown=Counter(kind for kind, _ in self.read(kept_for_ever)))


class IdleNatGateways7d(Metric):
    """NAT gateways of this region that have sent nothing to the outside for 7 days.

    The sum of BytesOutToDestination is 0. Gateways that are younger than 7 days are not idle. Regional gateways may
    have other dimensions in CloudWatch (assumed): they are not counted, and Metadata.RegionalGateways is their number.
    """

    unit = "Count"
    calls = "1 per 100 NAT gateways, and 1 GetMetricData together with the other metrics of the run"
    usd = METRIC_DATA_USD
    _iam_permissions = Metric._iam_permissions + METRIC_DATA + on_all("ec2:DescribeNatGateways")

    def _compute_value(self) -> int:
        window = self.window(days=7)
        gateways = list(
            self.pages(
                "ec2", "describe_nat_gateways", "NatGateways", Filter=[{"Name": "state", "Values": ["available"]}]
            )
        )
        sent = self.search("AWS/NATGateway", ["NatGatewayId"], "BytesOutToDestination", "Sum", window)
        zonal = [one for one in gateways if one.get("AvailabilityMode") != "regional"]
        self.metadata["RegionalGateways"] = len(gateways) - len(zonal)
        old = [one["NatGatewayId"] for one in zonal if one["CreateTime"] < window.since]
        return sum(1 for name in old if (name,) not in sent or not sent[name,].total)


class UnattachedVolumeBytes(Metric):
    """Bytes of EBS volumes of this region that are attached to nothing, by type.

    The provisioned size, for which AWS charges, and not what was written. It does not tell since when.
    """

    unit = "Bytes"
    dimensions = ["VolumeType"]
    calls = "1 per 500 unattached volumes"
    _iam_permissions = Metric._iam_permissions + on_all("ec2:DescribeVolumes")

    def _compute_value(self) -> MetricValue:
        volumes = self.pages(
            "ec2",
            "describe_volumes",
            "Volumes",
            fields=("VolumeType", "Size"),
            Filters=[{"Name": "status", "Values": ["available"]}],
            MaxResults=500,
        )
        sizes: Counter[str] = Counter()
        for one in volumes:
            sizes[one["VolumeType"]] += one["Size"] * _GIB
        return self.value(breakdown=sizes)


class CostAnomalyImpact30d(Metric):
    """What cost anomalies of the last 30 days have cost, by service.

    The total impact of anomalies that ended in these days, without those that somebody marked as no anomaly. The
    service and the account are those of the first root cause. Anomalies of other accounts that a payer sees are not
    counted; those without a root cause are. Members see only their own monitors (assumed). AWS keeps anomalies for 90
    days.
    """

    unit = "USD"
    dimensions = ["Service"]
    scope = "account"
    historical = True
    calls = "2, and more for more than 100 monitors or anomalies"
    usd = 2 * REQUEST_USD
    _iam_permissions = Metric._iam_permissions + [
        {
            "Action": ["ce:GetAnomalies", "ce:GetAnomalyMonitors"],
            "Resource": "arn:**PARTITION**:ce::**ACCOUNT_ID**:anomalymonitor/*",
        }
    ]

    def _compute_value(self) -> MetricValue:
        window = self.window(days=30)
        if self.present() - window.since > _ANOMALIES_KEPT:
            raise NothingToReport("AWS keeps cost anomalies for 90 days only")
        if not any(True for _ in self.pages("ce", "get_anomaly_monitors", "AnomalyMonitors", MaxResults=100)):
            raise NothingToReport("the account has no monitor for cost anomalies")
        impact: dict[str, Decimal] = {}
        interval = {"StartDate": _day(window.since), "EndDate": _day(window.until)}
        for one in self.pages("ce", "get_anomalies", "Anomalies", DateInterval=interval, MaxResults=100):
            cause: dict[str, Any] = next(iter(one.get("RootCauses", ())), {})
            if one.get("Feedback") != "NO" and cause.get("LinkedAccount", self.account_id) == self.account_id:
                service = cause.get("Service") or one.get("DimensionValue") or "unknown"
                impact[service] = impact.get(service, Decimal(0)) + exact(one["Impact"]["TotalImpact"])
        return self.value(sum(impact.values(), Decimal(0)), breakdown=impact)


class SavingsPlansUtilisation(Metric):
    """Used share of the account's savings plans in this month, in percent.

    AWS's UtilizationPercentage from the first of the month to yesterday, in UTC. The last day or two are not complete
    (assumed). On the first of the month, and without savings plans, there is nothing to report.
    """

    unit = "Percent"
    scope = "account"
    historical = True
    calls = "1"
    usd = REQUEST_USD
    _iam_permissions = Metric._iam_permissions + on_all("ce:GetSavingsPlansUtilization")

    def _compute_value(self) -> Decimal:
        today = self.now().date()
        first, _ = month(today)
        if first == today:
            raise NothingToReport("the month has no full day yet")
        with nothing_without_data(_NO_PLANS):
            answer = self.call(
                "ce",
                "get_savings_plans_utilization",
                TimePeriod={"Start": first.isoformat(), "End": today.isoformat()},
                Granularity="MONTHLY",
                Filter=own_account(self),
            )
        used: dict[str, Any] = answer.get("Total", {}).get("Utilization", {})
        if not answer.get("SavingsPlansUtilizationsByTime") or not exact(used.get("TotalCommitment", 0)):
            raise NothingToReport(_NO_PLANS)
        return exact(used["UtilizationPercentage"])


def _day(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d}"
