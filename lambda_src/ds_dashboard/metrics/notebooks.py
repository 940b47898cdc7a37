"""Notebook instances and Studio apps: what runs, and what has been running for long."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any, NamedTuple

from ds_dashboard.metrics import Metric, MetricValue, Reader, reading

_HOURS = {
    "type": "number",
    "default": 12,
    "minimum": 0,
    "description": "What has been running for at least so many hours is counted.",
}
# The instance of JupyterServer apps, which is free (assumed).
_SYSTEM = "system"
_KERNEL_DEFAULT = "ml.t3.medium"


class App(NamedTuple):
    """A Studio app that is in service: what metrics need of it."""

    kind: str
    instance: str
    created: Any


@reading(
    permissions=[{"Action": "sagemaker:ListNotebookInstances", "Resource": "*"}],
    calls="1 per 100 notebook instances in service",
)
def notebooks_in_service(reader: Reader) -> list[Any]:
    """Instance type and time of the last modification of the notebook instances in service."""
    fields = ("InstanceType", "LastModifiedTime")
    return list(
        reader.pages(
            "sagemaker", "list_notebook_instances", "NotebookInstances", fields=fields, StatusEquals="InService"
        )
    )


@reading(
    permissions=[{"Action": "sagemaker:ListApps", "Resource": "*"}],
    calls="1 per 100 Studio apps, also of those that were deleted in the last days",
    may_read="the names of users' profiles and spaces",
)
def apps_in_service(reader: Reader) -> list[App]:
    """Type, instance type and time of creation of the Studio apps in service, of users and of spaces."""
    found = reader.pages("sagemaker", "list_apps", "Apps", fields=_kept)
    return [one for one in found if one is not None]


def _kept(app: Any) -> App | None:
    if app["Status"] != "InService":
        return None
    kind = app["AppType"]
    instance = app.get("ResourceSpec", {}).get("InstanceType")
    if kind == "KernelGateway" and instance in (None, _SYSTEM):
        # The documentation of ResourceSpec says so.
        instance = _KERNEL_DEFAULT
    elif instance is None:
        instance = _SYSTEM if kind == "JupyterServer" else "unknown"
    return App(kind, instance, app["CreationTime"])


class NotebookInstancesInService(Metric):
    """Notebook instances that run, by instance type.

    Stopped ones are not counted; their volumes are billed nevertheless.
    """

    unit = "Count"
    dimensions = ["InstanceType"]
    readings = [notebooks_in_service]

    def _compute_value(self) -> MetricValue:
        return self.value(breakdown=Counter(one["InstanceType"] for one in self.read(notebooks_in_service)))


class NotebookInstancesRunningLong(Metric):
    """Notebook instances that have been running for many hours, by instance type.

    Since LastModifiedTime, because the start modifies an instance (assumed); whatever else modifies it starts the time
    anew. It does not see whether somebody works on it: the API has no sign of that.
    """

    unit = "Count"
    dimensions = ["InstanceType"]
    arguments = {"hours": _HOURS}
    readings = [notebooks_in_service]

    def _compute_value(self) -> MetricValue:
        latest = self.now() - timedelta(hours=float(self.arguments["hours"]))
        return self.value(
            breakdown=Counter(
                one["InstanceType"] for one in self.read(notebooks_in_service) if one["LastModifiedTime"] <= latest
            )
        )


class StudioAppsInService(Metric):
    """Studio apps that run, by type and instance type.

    A JupyterServer app has the instance type "system", which is free (assumed). A KernelGateway app without a type of
    its own has ml.t3.medium. The type is "unknown" where SageMaker tells none, such as for Canvas.
    """

    unit = "Count"
    dimensions = ["AppType", "InstanceType"]
    readings = [apps_in_service]

    def _compute_value(self) -> MetricValue:
        return self.value(breakdown=Counter((one.kind, one.instance) for one in self.read(apps_in_service)))


class StudioAppsRunningLong(Metric):
    """Studio apps that were started many hours ago and still run, by type.

    Since CreationTime. Apps on the instance type "system" are not counted, because they are free (assumed). It does not
    see whether somebody works: the last activity that SageMaker reports follows its own health checks.
    """

    unit = "Count"
    dimensions = ["AppType"]
    arguments = {"hours": _HOURS}
    readings = [apps_in_service]

    def _compute_value(self) -> MetricValue:
        latest = self.now() - timedelta(hours=float(self.arguments["hours"]))
        return self.value(
            breakdown=Counter(
                one.kind for one in self.read(apps_in_service) if one.instance != _SYSTEM and one.created <= latest
            )
        )
