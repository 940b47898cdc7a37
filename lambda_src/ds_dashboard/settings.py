"""Settings of the functions, which Terraform sets as environment variables named `DS_DASHBOARD_*`."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, Self, TypeVar

from ds_dashboard import dates, thresholds
from ds_dashboard.identity import WORD_PATTERN, Project
from ds_dashboard.thresholds import Threshold

# Of a spoke that was applied by a version of the module without the variable.
DEFAULT_HISTORICAL_DAYS = 400

_WORD = re.compile(WORD_PATTERN)
_PATH = re.compile(r"(/[A-Za-z0-9_.-]+)+/?")
_URL = re.compile(r"https?://\S+")


Settings = TypeVar("Settings")


class NotConfigured(RuntimeError):
    """Environment variables are missing or invalid; the message names each of them and the fix."""


class Variables:
    """The environment variables of a function, read one by one.

    Each method returns a value of its type in any case. What is wrong is in `faults` afterwards.

    Attributes:
        faults: variable -> what is wrong with it, as the rest of a sentence.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self.faults: dict[str, str] = {}
        self._values = values

    def text(self, name: str, form: re.Pattern[str] | None = None, what: str = "") -> str:
        """Read a text that must not be empty; with `form`, one of that form, which `what` describes."""
        value = self._values.get(name)
        if not value:
            self.faults[name] = "is not set" if value is None else "is empty"
        elif form is not None and not form.fullmatch(value):
            self.faults[name] = f"is {value[:140]!r}, which is not {what}"
        return value or ""

    def optional(self, name: str) -> str | None:
        """Read a text that may be missing or empty."""
        return self._values.get(name) or None

    def path(self, name: str) -> str:
        """Read a path of Parameter Store, without a trailing slash."""
        return self.text(name, _PATH, "a path such as /monitored_projects").rstrip("/")

    def days(self, name: str) -> int | None:
        """Read a number of days, which may be missing or empty."""
        days = self._values.get(name, "")
        if days and not days.isdecimal():
            self.faults[name] = f"is {days!r}, which is not a number of days"
            return None
        return int(days) if days else None

    def hours(self, name: str) -> timedelta:
        """Read a positive number of hours."""
        text = self.text(name)
        hours = dates.parse_hours(text)
        if text and hours is None:
            self.faults[name] = f"is {text!r}, which is not a valid number of hours"
        return hours or timedelta()

    def json(self, name: str, is_valid: Callable[[Any], bool], what: str) -> Any:
        """Read a JSON document; None if it is not valid."""
        text = self.text(name)
        try:
            document = json.loads(text) if text else None
        except ValueError as error:
            self.faults[name] = f"is not valid JSON ({error})"
            return None
        if text and not is_valid(document):
            self.faults[name] = f"is not {what}"
            return None
        return document

    def optional_json(self, name: str, is_valid: Callable[[Any], bool], what: str) -> Any:
        """Read a JSON document that may be missing; None if it is, or if it is not valid."""
        return self.json(name, is_valid, what) if self.optional(name) else None

    def thresholds(self, name: str) -> dict[str, Threshold]:
        """Read thresholds by the names of their metrics, which may be missing."""
        try:
            return thresholds.parse(self.optional(name) or "{}")
        except ValueError as error:
            self.faults[name] = f"is {error}"
            return {}

    def check(self) -> None:
        """Check that nothing is wrong with what was read.

        Raises:
            NotConfigured: a variable is missing or invalid.
        """
        if self.faults:
            found = "; ".join(f"{name} {fault}" for name, fault in self.faults.items())
            raise NotConfigured(f"{found}: apply the Terraform module that deploys this function again")


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
    "extract": ExtractSettings.read,
}


def faults(role: str, values: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with the variables of a function: variable -> the rest of a sentence.

    Args:
        role: `archive`, `refresh`, `watch` or `report` of the hub, `extract` of a spoke.
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
