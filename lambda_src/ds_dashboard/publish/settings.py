"""Settings of the functions that publish, which Terraform sets as environment variables named `DS_DASHBOARD_*`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple, Self

from ds_dashboard.variables import Variables, is_list_of_names


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
            projects=variables.optional_json("DS_DASHBOARD_REPORT_PROJECTS", is_list_of_names, "a list of names") or (),
        )


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
