"""Settings of the functions, which Terraform sets as environment variables named `DS_DASHBOARD_*`."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, Self, TypeVar

from ds_dashboard import thresholds
from ds_dashboard.identity import WORD_PATTERN, Project
from ds_dashboard.thresholds import Threshold
from ds_dashboard.variables import Variables

# Of a spoke that was applied by a version of the module without the variable.
DEFAULT_HISTORICAL_DAYS = 400

_WORD = re.compile(WORD_PATTERN)
_URL = re.compile(r"https?://\S+")


Settings = TypeVar("Settings")


class ArchiveSettings(NamedTuple):
    """Settings of the hub's archive function.

    Attributes:
        name: the installation's name, which is the dimension of its CloudWatch metrics.
        monitored_projects_path: the SSM path of the registered projects, without a trailing slash.
        retention_days: days after which DynamoDB deletes items of the history; None keeps them.
        region: the hub's region.
        thresholds: the thresholds, by the name of their metric.
        threshold_topics: the ARNs of the SNS topics that are notified when a threshold is crossed.
    """

    name: str
    history_table: str
    latest_table: str
    spokes_table: str
    rejected_queue_url: str
    monitored_projects_path: str
    retention_days: int | None
    region: str
    thresholds: Mapping[str, Threshold] = {}
    threshold_topics: Sequence[str] = ()

    @classmethod
    def read(cls, variables: Variables) -> Self:
        """Read the variables that `modules/hub` and Lambda set on the archive function."""
        return cls(
            name=variables.text("DS_DASHBOARD_NAME"),
            history_table=variables.text("DS_DASHBOARD_HISTORY_TABLE"),
            latest_table=variables.text("DS_DASHBOARD_LATEST_TABLE"),
            spokes_table=variables.text("DS_DASHBOARD_SPOKES_TABLE"),
            rejected_queue_url=variables.text("DS_DASHBOARD_REJECTED_QUEUE_URL", _URL, "the URL of a queue"),
            monitored_projects_path=variables.path("DS_DASHBOARD_MONITORED_PROJECTS_PATH"),
            retention_days=variables.days("DS_DASHBOARD_RETENTION_DAYS"),
            region=variables.text("AWS_REGION"),
            thresholds=variables.thresholds(thresholds.THRESHOLDS),
            threshold_topics=tuple(
                dict.fromkeys(variables.optional_json(thresholds.ACTIONS, _is_list_of_names, "a list of topics") or ())
            ),
        )

    @classmethod
    def from_environment(cls) -> Self:
        """Read this function's own variables.

        Raises:
            NotConfigured: a variable is missing or invalid.
        """
        return _checked(cls.read)


class RefreshSettings(NamedTuple):
    """Settings of the hub's refresh function.

    Attributes:
        event_bus: the name of the hub's own bus.
    """

    event_bus: str

    @classmethod
    def read(cls, variables: Variables) -> Self:
        """Read the variables that `modules/hub` sets on its refresh function."""
        return cls(event_bus=variables.text("DS_DASHBOARD_EVENT_BUS"))

    @classmethod
    def from_environment(cls) -> Self:
        """Read this function's own variables.

        Raises:
            NotConfigured: a variable is missing.
        """
        return _checked(cls.read)


class WatchSettings(NamedTuple):
    """Settings of the hub's watch function.

    Attributes:
        name: the installation's name, which is the dimension of its CloudWatch metrics.
        monitored_projects_path: the SSM path of the registered projects, without a trailing slash.
        spokes_table: the table that has the time of each spoke's last extraction.
        latest_table: the table that has the newest values, also of producers that send no run events.
        silent_after: how long a spoke may send nothing before it counts as silent.
        cloudwatch_metrics: the metrics whose sums are published, and what each is divided by: `Project`, `Environment`.
    """

    name: str
    monitored_projects_path: str
    spokes_table: str
    latest_table: str
    silent_after: timedelta
    cloudwatch_metrics: Mapping[str, tuple[str, ...]] = {}

    @classmethod
    def read(cls, variables: Variables) -> Self:
        """Read the variables that `modules/hub` sets on its watch function."""
        metrics = variables.optional_json("DS_DASHBOARD_CLOUDWATCH_METRICS", _is_divided, "an object of lists of names")
        return cls(
            name=variables.text("DS_DASHBOARD_NAME"),
            monitored_projects_path=variables.path("DS_DASHBOARD_MONITORED_PROJECTS_PATH"),
            spokes_table=variables.text("DS_DASHBOARD_SPOKES_TABLE"),
            latest_table=variables.text("DS_DASHBOARD_LATEST_TABLE"),
            silent_after=variables.hours("DS_DASHBOARD_SILENT_AFTER_HOURS"),
            cloudwatch_metrics={name: tuple(by) for name, by in (metrics or {}).items()},
        )

    @classmethod
    def from_environment(cls) -> Self:
        """Read this function's own variables.

        Raises:
            NotConfigured: a variable is missing or invalid.
        """
        return _checked(cls.read)


class ReportSettings(NamedTuple):
    """Settings of the hub's report function.

    Attributes:
        name: the installation's name.
        bucket: the bucket that the report is written to.
        monitored_projects_path: the SSM path of the registered projects, without a trailing slash.
        silent_after: how long a spoke may send nothing before it counts as silent.
        projects: the projects that the report shows; empty for all.
    """

    name: str
    bucket: str
    monitored_projects_path: str
    silent_after: timedelta
    projects: Sequence[str] = ()

    @classmethod
    def read(cls, variables: Variables) -> Self:
        """Read the variables that `modules/hub` sets on its report function."""
        return cls(
            name=variables.text("DS_DASHBOARD_NAME"),
            bucket=variables.text("DS_DASHBOARD_REPORT_BUCKET"),
            monitored_projects_path=variables.path("DS_DASHBOARD_MONITORED_PROJECTS_PATH"),
            silent_after=variables.hours("DS_DASHBOARD_SILENT_AFTER_HOURS"),
            projects=variables.optional_json("DS_DASHBOARD_REPORT_PROJECTS", _is_list_of_names, "a list of names")
            or (),
        )

    @classmethod
    def from_environment(cls) -> Self:
        """Read this function's own variables.

        Raises:
            NotConfigured: a variable is missing or invalid.
        """
        return _checked(cls.read)


class WidgetSettings(NamedTuple):
    """Settings of the hub's widget function.

    Attributes:
        name: the installation's name.
        monitored_projects_path: the SSM path of the registered projects, without a trailing slash.
        silent_after: how long a spoke may send nothing before it counts as silent.
    """

    name: str
    monitored_projects_path: str
    silent_after: timedelta

    @classmethod
    def read(cls, variables: Variables) -> Self:
        """Read the variables that `modules/hub` sets on its widget function."""
        return cls(
            name=variables.text("DS_DASHBOARD_NAME"),
            monitored_projects_path=variables.path("DS_DASHBOARD_MONITORED_PROJECTS_PATH"),
            silent_after=variables.hours("DS_DASHBOARD_SILENT_AFTER_HOURS"),
        )

    @classmethod
    def from_environment(cls) -> Self:
        """Read this function's own variables.

        Raises:
            NotConfigured: a variable is missing or invalid.
        """
        return _checked(cls.read)


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
    def read(cls, variables: Variables) -> Self:
        """Read the variables that `modules/spoke` sets on its extract function."""
        names = variables.json("DS_DASHBOARD_METRICS", _is_list_of_names, "a list of names") or []
        configured = variables.json(
            "DS_DASHBOARD_METRIC_INSTANCES", _is_instances, "an object of objects, each with a class"
        )
        instances = {name: MetricInstance(name, {}) for name in names}
        for name, instance in (configured or {}).items():
            instances[name] = MetricInstance(
                instance["class"], instance.get("arguments") or {}, instance.get("at_runtime") or {}
            )
        historical_days = variables.days("DS_DASHBOARD_HISTORICAL_DAYS")
        return cls(
            project=Project(
                variables.text("DS_DASHBOARD_PROJECT_NAME", _WORD, "a name of a project"),
                variables.text("DS_DASHBOARD_ENVIRONMENT", _WORD, "a name of an environment"),
            ),
            event_bus=variables.text("DS_DASHBOARD_EVENT_BUS"),
            instances=instances,
            schedule_expression=variables.optional("DS_DASHBOARD_SCHEDULE"),
            historical_days=DEFAULT_HISTORICAL_DAYS if historical_days is None else historical_days,
        )

    @classmethod
    def from_environment(cls) -> Self:
        """Read this function's own variables.

        Raises:
            NotConfigured: a variable is missing or invalid.
        """
        return _checked(cls.read)


_READERS: Mapping[str, Callable[[Variables], object]] = {
    "archive": ArchiveSettings.read,
    "refresh": RefreshSettings.read,
    "watch": WatchSettings.read,
    "report": ReportSettings.read,
    "widget": WidgetSettings.read,
    "extract": ExtractSettings.read,
}


def faults(role: str, values: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with the variables of a function: variable -> the rest of a sentence.

    Args:
        role: `archive`, `refresh`, `watch`, `report` or `widget` of the hub, `extract` of a spoke.
        values: the variables, with those that Lambda sets.
    """
    variables = Variables(values)
    _READERS[role](variables)
    return variables.faults


def _checked(read: Callable[[Variables], Settings]) -> Settings:
    variables = Variables(os.environ)
    settings = read(variables)
    variables.check()
    return settings


def _is_list_of_names(document: Any) -> bool:
    return isinstance(document, list) and all(isinstance(name, str) for name in document)


def _is_divided(document: Any) -> bool:
    return isinstance(document, dict) and all(_is_list_of_names(by) for by in document.values())


def _is_instances(document: Any) -> bool:
    return isinstance(document, dict) and all(
        isinstance(one, dict)
        and isinstance(one.get("class"), str)
        and all(isinstance(one.get(key) or {}, dict) for key in ("arguments", "at_runtime"))
        for one in document.values()
    )
