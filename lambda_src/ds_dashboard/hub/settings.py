"""What the hub's archive is told by Terraform."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Self

from ds_dashboard import environment


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the hub keeps what arrives, and whom it believes.

    Attributes:
        name: the installation's name, the dimension of its CloudWatch metrics.
        monitored_projects_path: SSM path of the registered projects, without a slash at its end.
        retention_days: how long history is kept; `None` keeps it.
    """

    name: str
    history_table: str
    latest_table: str
    spokes_table: str
    rejected_queue_url: str
    monitored_projects_path: str
    retention_days: int | None

    @classmethod
    def from_environment(cls) -> Self:
        """Read `DS_DASHBOARD_*` as `modules/hub` sets them.

        Raises:
            NotConfigured: one is missing or broken.
        """
        days = os.environ.get("DS_DASHBOARD_RETENTION_DAYS", "")
        if days and not days.isdigit():
            raise environment.NotConfigured(f"DS_DASHBOARD_RETENTION_DAYS is {days!r}, not a number of days")
        return cls(
            name=environment.text("DS_DASHBOARD_NAME"),
            history_table=environment.text("DS_DASHBOARD_HISTORY_TABLE"),
            latest_table=environment.text("DS_DASHBOARD_LATEST_TABLE"),
            spokes_table=environment.text("DS_DASHBOARD_SPOKES_TABLE"),
            rejected_queue_url=environment.text("DS_DASHBOARD_REJECTED_QUEUE_URL"),
            monitored_projects_path=environment.text("DS_DASHBOARD_MONITORED_PROJECTS_PATH").rstrip("/"),
            retention_days=int(days) if days else None,
        )
