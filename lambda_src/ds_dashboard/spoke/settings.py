"""What a spoke's extraction is told by Terraform."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from ds_dashboard import environment


@dataclass(frozen=True, slots=True)
class Instance:
    """A metric as deployed: its class, and the arguments given to it."""

    class_name: str
    arguments: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a spoke's extraction computes, for whom, and where it emits.

    Attributes:
        instances: metric name to what computes it, in the order of the Terraform variables.
    """

    project_name: str
    environment: str
    event_bus: str
    instances: Mapping[str, Instance]
    schedule_expression: str | None

    @classmethod
    def from_environment(cls) -> Self:
        """Read `DS_DASHBOARD_*` as `modules/spoke` sets them.

        Raises:
            NotConfigured: one is missing or broken.
        """
        names = environment.json_value("DS_DASHBOARD_METRICS")
        configured = environment.json_value("DS_DASHBOARD_METRIC_INSTANCES")
        if not isinstance(names, list) or not isinstance(configured, dict):
            raise environment.NotConfigured(
                "DS_DASHBOARD_METRICS must be a list and DS_DASHBOARD_METRIC_INSTANCES an object"
            )
        instances = {str(name): Instance(str(name), {}) for name in names}
        for name, instance in configured.items():
            instances[name] = Instance(instance["class"], instance.get("arguments") or {})
        return cls(
            project_name=environment.text("DS_DASHBOARD_PROJECT_NAME"),
            environment=environment.text("DS_DASHBOARD_ENVIRONMENT"),
            event_bus=environment.text("DS_DASHBOARD_EVENT_BUS"),
            instances=instances,
            schedule_expression=os.environ.get("DS_DASHBOARD_SCHEDULE") or None,
        )
