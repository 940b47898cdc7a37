"""Settings of the functions, which Terraform sets as environment variables named `DS_DASHBOARD_*`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple, Self

from ds_dashboard.identity import Project

# Of a spoke that was applied by a version of the module without the variable.
DEFAULT_HISTORICAL_DAYS = 400


class NotConfigured(RuntimeError):
    """An environment variable is missing or invalid; the message names the variable and the fix."""


class ArchiveSettings(NamedTuple):
    """Settings of the hub's archive function.

    Attributes:
        name: the installation's name, which is the dimension of its CloudWatch metrics.
        monitored_projects_path: the SSM path of the registered projects, without a trailing slash.
        retention_days: days after which DynamoDB deletes items of the history; None keeps them.
        region: the hub's region.
    """

    name: str
    history_table: str
    latest_table: str
    spokes_table: str
    rejected_queue_url: str
    monitored_projects_path: str
    retention_days: int | None
    region: str

    @classmethod
    def from_environment(cls) -> Self:
        """Read the variables that `modules/hub` and Lambda set on the archive function.

        Raises:
            NotConfigured: a variable is missing or invalid.
        """
        return cls(
            name=required("DS_DASHBOARD_NAME"),
            history_table=required("DS_DASHBOARD_HISTORY_TABLE"),
            latest_table=required("DS_DASHBOARD_LATEST_TABLE"),
            spokes_table=required("DS_DASHBOARD_SPOKES_TABLE"),
            rejected_queue_url=required("DS_DASHBOARD_REJECTED_QUEUE_URL"),
            monitored_projects_path=required("DS_DASHBOARD_MONITORED_PROJECTS_PATH").rstrip("/"),
            retention_days=_days("DS_DASHBOARD_RETENTION_DAYS"),
            region=required("AWS_REGION"),
        )


class WatchSettings(NamedTuple):
    """Settings of the hub's watch function.

    Attributes:
        name: the installation's name, which is the dimension of its CloudWatch metrics.
        monitored_projects_path: the SSM path of the registered projects, without a trailing slash.
        spokes_table: the table that has the time of each spoke's last extraction.
        latest_table: the table that has the newest values, also of producers that send no run events.
        silent_after: how long a spoke may send nothing before it counts as silent.
    """

    name: str
    monitored_projects_path: str
    spokes_table: str
    latest_table: str
    silent_after: timedelta

    @classmethod
    def from_environment(cls) -> Self:
        """Read the variables that `modules/hub` sets on its watch function.

        Raises:
            NotConfigured: a variable is missing.
            ValueError: DS_DASHBOARD_SILENT_AFTER_HOURS is not a number.
        """
        return cls(
            name=required("DS_DASHBOARD_NAME"),
            monitored_projects_path=required("DS_DASHBOARD_MONITORED_PROJECTS_PATH").rstrip("/"),
            spokes_table=required("DS_DASHBOARD_SPOKES_TABLE"),
            latest_table=required("DS_DASHBOARD_LATEST_TABLE"),
            silent_after=timedelta(hours=float(required("DS_DASHBOARD_SILENT_AFTER_HOURS"))),
        )


class MetricInstance(NamedTuple):
    """A deployed metric.

    Attributes:
        class_name: the name of its class.
        arguments: the values of its arguments, as Terraform's strings.
        at_runtime: the values that a refresh can set, by argument; `["*"]` stands for any value.
    """

    class_name: str
    arguments: Mapping[str, str]
    at_runtime: Mapping[str, Sequence[str]] = {}


class ExtractSettings(NamedTuple):
    """Settings of a spoke's extract function.

    Attributes:
        instances: the deployed metrics by name, in the order of the Terraform variables.
        event_bus: the name of the spoke's own bus.
        schedule_expression: the spoke's schedule; None if it extracts only on refresh.
        historical_days: how many days back a refresh can ask for values; 0 means only for present ones.
    """

    project: Project
    event_bus: str
    instances: Mapping[str, MetricInstance]
    schedule_expression: str | None
    historical_days: int = DEFAULT_HISTORICAL_DAYS

    @classmethod
    def from_environment(cls) -> Self:
        """Read the variables that `modules/spoke` sets on its extract function.

        Raises:
            NotConfigured: a variable is missing or invalid.
        """
        names, configured = _json("DS_DASHBOARD_METRICS"), _json("DS_DASHBOARD_METRIC_INSTANCES")
        if not isinstance(names, list) or not isinstance(configured, dict):
            raise NotConfigured("DS_DASHBOARD_METRICS must be a list and DS_DASHBOARD_METRIC_INSTANCES an object")
        instances = {str(name): MetricInstance(str(name), {}) for name in names}
        for name, instance in configured.items():
            instances[name] = MetricInstance(
                instance["class"], instance.get("arguments") or {}, instance.get("at_runtime") or {}
            )
        historical_days = _days("DS_DASHBOARD_HISTORICAL_DAYS")
        return cls(
            project=Project(required("DS_DASHBOARD_PROJECT_NAME"), required("DS_DASHBOARD_ENVIRONMENT")),
            event_bus=required("DS_DASHBOARD_EVENT_BUS"),
            instances=instances,
            schedule_expression=os.environ.get("DS_DASHBOARD_SCHEDULE") or None,
            historical_days=DEFAULT_HISTORICAL_DAYS if historical_days is None else historical_days,
        )


def required(name: str) -> str:
    """Return the value of an environment variable.

    Raises:
        NotConfigured: the variable is not set.
    """
    value = os.environ.get(name)
    if value is None:
        raise NotConfigured(f"{name} is not set: apply the Terraform module that deploys this function again")
    return value


def _days(name: str) -> int | None:
    days = os.environ.get(name, "")
    if days and not days.isdecimal():
        raise NotConfigured(f"{name} is {days!r}, which is not a number of days: apply the Terraform module again")
    return int(days) if days else None


def _json(name: str) -> object:
    try:
        return json.loads(required(name))
    except ValueError as error:
        raise NotConfigured(f"{name} is not valid JSON ({error}): apply the Terraform module again") from None
