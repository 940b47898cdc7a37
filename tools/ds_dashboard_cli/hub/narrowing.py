"""Which projects and environments are meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ds_dashboard_cli.hub import items


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Projects and environments by name; none of either means all."""

    projects: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()

    def takes(self, project: str) -> bool:
        """Whether `<ProjectName>/<Environment>` is meant."""
        name, _, environment = project.partition("/")
        return (not self.projects or name in self.projects) and (
            not self.environments or environment in self.environments
        )

    def spokes(self) -> list[tuple[str, str]] | None:
        """Project and environment of each spoke that can be meant, or None where that needs a look at all of them."""
        if not (self.projects and self.environments):
            return None
        return [(project, environment) for project in self.projects for environment in self.environments]

    def filter(self, metrics: Iterable[str] = ()) -> dict[str, Any]:
        """The same for a scan or a query of a table."""
        return items.filtered(ProjectName=self.projects, Environment=self.environments, MetricName=metrics)
