"""Settings of the extract function, which Terraform sets as environment variables named `DS_DASHBOARD_*`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

from ds_dashboard.identity import WORD_PATTERN, Project
from ds_dashboard.variables import Variables, is_list_of_names

# Of a spoke that was applied by a version of the module without the variable.
DEFAULT_HISTORICAL_DAYS = 400

_WORD = re.compile(WORD_PATTERN)


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
        names = variables.json("DS_DASHBOARD_METRICS", is_list_of_names, "a list of names") or []
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


def _is_instances(document: Any) -> bool:
    return isinstance(document, dict) and all(
        isinstance(one, dict)
        and isinstance(one.get("class"), str)
        and all(isinstance(one.get(key) or {}, dict) for key in ("arguments", "at_runtime"))
        for one in document.values()
    )
