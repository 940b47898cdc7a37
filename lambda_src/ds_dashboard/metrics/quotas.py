"""Service quotas: how much of them is used."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from ds_dashboard.metrics import Metric, MetricValue, NothingToReport, Reader, reading
from ds_dashboard.metrics._aws import METRIC_DATA, METRIC_DATA_USD, exact, on_all, percent
from ds_dashboard.metrics._endpoints import fleets
from ds_dashboard.metrics.cloudwatch import Statistic
from ds_dashboard.metrics.errors import IncompleteAnswer
from ds_dashboard.metrics.notebooks import apps_in_service, notebooks_in_service
from ds_dashboard.metrics.training import active


class ServiceQuotaUtilisation(Metric):
    """Used share of a service quota in percent.

    The largest usage that CloudWatch has of the last hour / the quota x 100. It fails for quotas without a usage
    metric, for quotas of a rate, such as requests per second, and for those that have only their default value. Quotas
    of global services are in us-east-1.
    """

    unit = "Percent"
    calls = "1, and 1 GetMetricData together with the other metrics of the run"
    usd = METRIC_DATA_USD
    arguments = {
        "service_code": {"type": "string", "description": "The service's code in Service Quotas, such as ec2."},
        "quota_code": {"type": "string", "description": "The quota's code, such as L-1216C47A."},
    }
    _iam_permissions = (
        Metric._iam_permissions
        + METRIC_DATA
        + [
            {
                "Action": "servicequotas:GetServiceQuota",
                "Resource": "arn:**PARTITION**:servicequotas:**REGION**:**ACCOUNT_ID**:"
                "**ARG:service_code**/**ARG:quota_code**",
            }
        ]
    )

    def _compute_value(self) -> Decimal:
        service, code = self.arguments["service_code"], self.arguments["quota_code"]
        quota = self.call("service-quotas", "get_service_quota", ServiceCode=service, QuotaCode=code)["Quota"]
        name = f"the quota {code} of {service} ({quota.get('QuotaName', 'without a name')})"
        if "ErrorReason" in quota:
            raise IncompleteAnswer(f"Service Quotas does not tell {name}: {quota['ErrorReason'].get('ErrorMessage')}")
        usage = quota.get("UsageMetric", {})
        if "MetricName" not in usage:
            raise ValueError(f"{name} has no usage metric in CloudWatch; choose another quota")
        statistic = usage.get("MetricStatisticRecommendation", "Maximum")
        if "Period" in quota or statistic == "Sum":
            raise ValueError(f"{name} limits a rate, and not a number; choose another quota")
        query = Statistic(usage["MetricNamespace"], usage["MetricName"], usage.get("MetricDimensions", {}), statistic)
        used = self.statistics([query], self.window(hours=1))[0].largest
        if used is None:
            raise NothingToReport(f"CloudWatch has no usage of {name} in the last hour")
        if not quota["Value"]:
            raise NothingToReport(f"{name} is 0")
        return percent(exact(used), exact(quota["Value"]))


@reading(permissions=on_all("servicequotas:ListServiceQuotas"), calls="1 per 100 quotas of SageMaker, of some thousand")
def sagemaker_quotas(reader: Reader) -> dict[str, Decimal]:
    """Value of every quota of SageMaker that has a value of this account, by name."""
    found = reader.pages(
        "service-quotas", "list_service_quotas", "Quotas", fields=("QuotaName", "Value"), ServiceCode="sagemaker"
    )
    return {one["QuotaName"]: exact(one["Value"]) for one in found}


class SageMakerQuotaUtilisation(Metric):
    """Used share of SageMaker's instance quotas in percent, of those in use; the headline is the largest.

    SageMaker publishes no usage. The metric counts itself, by instance type: instances of endpoints, of training jobs
    and of spot training jobs in progress, notebook instances, and Studio apps. The quotas have names such as
    "ml.g5.xlarge for endpoint usage"; those of Studio apps are assumed. Metadata.WithoutQuota lists what is in use and
    has no quota of that name. Processing and transform jobs, warm pools and totals are not in it.
    """

    unit = "Percent"
    dimensions = ["QuotaName"]
    readings = [sagemaker_quotas, fleets, active, notebooks_in_service, apps_in_service]

    def _compute_value(self) -> MetricValue:
        quotas = self.read(sagemaker_quotas)
        used = self._used()
        self.metadata["WithoutQuota"] = sorted(name for name in used if not quotas.get(name))
        shares = {name: percent(exact(count), quotas[name]) for name, count in sorted(used.items()) if quotas.get(name)}
        return self.value(max(shares.values(), default=Decimal(0)), breakdown=shares, other=max)

    def _used(self) -> dict[str, int]:
        used: Counter[str] = Counter()
        for fleet in self.read(fleets):
            for kind, count in fleet.instances.items():
                used[f"{kind} for endpoint usage"] += count
        for job in self.read(active):
            usage = "spot training job usage" if job.is_spot else "training job usage"
            for kind, count in job.instances.items():
                used[f"{kind} for {usage}"] += count
        for notebook in self.read(notebooks_in_service):
            used[f"{notebook['InstanceType']} for notebook instance usage"] += 1
        for app in self.read(apps_in_service):
            # The instance of JupyterServer apps is "system", and has no quota.
            if app.instance.startswith("ml."):
                used[f"Studio {app.kind} Apps running on {app.instance} instance"] += 1
        return {name: count for name, count in used.items() if count}
