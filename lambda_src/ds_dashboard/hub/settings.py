"""Settings of the hub's functions, which Terraform sets as environment variables named `DS_DASHBOARD_*`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, Self

from ds_dashboard import thresholds
from ds_dashboard.thresholds import Threshold
from ds_dashboard.variables import Variables, is_list_of_names

# The variable of the archive and the watch.
CLOUDWATCH_METRICS = "DS_DASHBOARD_CLOUDWATCH_METRICS"

_URL = re.compile(r"https?://\S+")


class Sums(NamedTuple):
    """The sums that are published as CloudWatch metrics.

    Attributes:
        name: the installation's name, which is a dimension of each.
        latest_table: the table that has the newest values.
        silent_after: how old a value may be to count.
        metrics: the metrics, and what the sum of each is divided by: `Project`, `Environment`.
    """

    name: str
    latest_table: str
    silent_after: timedelta
    metrics: Mapping[str, tuple[str, ...]]

    @classmethod
    def read(cls, variables: Variables) -> Self | None:
        """Read the variables that `modules/hub` sets on a function that publishes sums; None if there are none."""
        metrics = variables.optional_json(CLOUDWATCH_METRICS, _is_divided, "an object of lists of names")
        if not metrics:
            return None
        return cls(
            name=variables.text("DS_DASHBOARD_NAME"),
            latest_table=variables.text("DS_DASHBOARD_LATEST_TABLE"),
            silent_after=variables.hours("DS_DASHBOARD_SILENT_AFTER_HOURS"),
            metrics={name: tuple(by) for name, by in metrics.items()},
        )


class ArchiveSettings(NamedTuple):
    """Settings of the hub's archive function.

    Attributes:
        name: the installation's name, which is the dimension of its CloudWatch metrics.
        monitored_projects_path: the SSM path of the registered projects, without a trailing slash.
        retention_days: days after which DynamoDB deletes items of the history; None keeps them.
        region: the hub's region.
        thresholds: the thresholds, by the name of their metric.
        threshold_topics: the ARNs of the SNS topics that are notified when a threshold is crossed.
        sums: the sums that are published; None if there are none.
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
    sums: Sums | None = None

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
            thresholds=variables.parsed(thresholds.THRESHOLDS, thresholds.parse) or {},
            threshold_topics=tuple(
                dict.fromkeys(variables.optional_json(thresholds.ACTIONS, is_list_of_names, "a list of topics") or ())
            ),
            sums=Sums.read(variables),
        )


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


class WatchSettings(NamedTuple):
    """Settings of the hub's watch function.

    Attributes:
        name: the installation's name, which is the dimension of its CloudWatch metrics.
        monitored_projects_path: the SSM path of the registered projects, without a trailing slash.
        spokes_table: the table that has the time of each spoke's last extraction.
        latest_table: the table that has the newest values, also of producers that send no run events.
        silent_after: how long a spoke may send nothing before it counts as silent.
        sums: the sums that are published; None if there are none.
    """

    name: str
    monitored_projects_path: str
    spokes_table: str
    latest_table: str
    silent_after: timedelta
    sums: Sums | None = None

    @classmethod
    def read(cls, variables: Variables) -> Self:
        """Read the variables that `modules/hub` sets on its watch function."""
        return cls(
            name=variables.text("DS_DASHBOARD_NAME"),
            monitored_projects_path=variables.path("DS_DASHBOARD_MONITORED_PROJECTS_PATH"),
            spokes_table=variables.text("DS_DASHBOARD_SPOKES_TABLE"),
            latest_table=variables.text("DS_DASHBOARD_LATEST_TABLE"),
            silent_after=variables.hours("DS_DASHBOARD_SILENT_AFTER_HOURS"),
            sums=Sums.read(variables),
        )


def _is_divided(document: Any) -> bool:
    return isinstance(document, dict) and all(is_list_of_names(by) for by in document.values())
