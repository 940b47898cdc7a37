"""What a refresh requests of this spoke: which metrics, with which arguments, as of which instant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from ds_dashboard import dates, series
from ds_dashboard.event import Refresh
from ds_dashboard.identity import Project
from ds_dashboard.metrics import Metric, MetricUnavailable, arguments, registry
from ds_dashboard.spoke.settings import ExtractSettings, MetricInstance


class AsOfNotSupported(Exception):
    """A refresh asks for a value as of an instant, and the metric or the spoke does not support that."""


class Task(NamedTuple):
    """A metric to compute.

    Attributes:
        instance_name: the name under which the spoke deploys it.
        instance: its class and arguments.
        project: the spoke's project and environment.
        requested: the arguments that the refresh sets.
        as_of: the past instant; None for the present.
        oldest: the oldest instant that the spoke supports; None if it supports none.
    """

    instance_name: str
    instance: MetricInstance
    project: Project
    requested: Mapping[str, str]
    as_of: datetime | None
    oldest: datetime | None

    def create(self) -> Metric:
        """Return the metric with its arguments.

        Raises:
            ArgumentNotAllowed: the spoke does not allow an argument that the refresh sets.
            AsOfNotSupported: the spoke or the metric does not support the instant.
            MetricUnavailable: see `registry.create`.
            MetricDeclarationError: see `registry.create`.
        """
        name, instance = self.instance_name, self.instance
        cls = registry.load(instance.class_name)
        if self.requested:
            arguments.check_requested(name, cls.arguments, instance.at_runtime, self.requested)
        if self.as_of is not None:
            self._check_instant(cls, self.as_of)
        return registry.create(
            name,
            instance.class_name,
            {**instance.arguments, **self.requested},
            self.project.name,
            self.project.environment,
        )

    def _check_instant(self, cls: type[Metric], as_of: datetime) -> None:
        if not cls.historical:
            raise AsOfNotSupported(
                f"{self.instance_name} cannot be computed as of a past instant: {cls.__name__} reads what there is "
                "now. Refresh it without AsOf."
            )
        if self.oldest is None or as_of < self.oldest:
            supported = "no past instant" if self.oldest is None else f"instants since {self.oldest:%Y-%m-%dT%H:%MZ}"
            raise AsOfNotSupported(
                f"{self.instance_name} cannot be computed as of {dates.format_instant(as_of)}: the spoke supports "
                f"{supported}. Raise historical_days of modules/spoke and apply."
            )


def chosen(refresh: Refresh, settings: ExtractSettings, now: datetime) -> dict[str, Task]:
    """Return the metrics that a refresh requests of a spoke, by `MetricName`.

    Without `Metrics`, a refresh as of a past instant requests those that can be computed for one, and a refresh with
    arguments requests the metrics that these are for.

    Args:
        refresh: the request.
        settings: the spoke's metrics.
        now: the present instant.
    """
    names = refresh.metrics
    if names is None and refresh.arguments:
        names = frozenset(refresh.arguments)
    oldest = now - timedelta(days=settings.historical_days) if settings.historical_days else None
    tasks = {}
    for name, instance in settings.instances.items():
        if names is not None and name not in names:
            continue
        if names is None and refresh.as_of is not None and not _is_historical(instance):
            continue
        requested = refresh.arguments.get(name, {})
        tasks[series.series_name(name, requested)] = Task(
            name, instance, settings.project, requested, refresh.as_of, oldest
        )
    return tasks


def _is_historical(instance: MetricInstance) -> bool:
    try:
        return registry.load(instance.class_name).historical
    except MetricUnavailable:
        # Fails in the present too, where everybody sees it.
        return False
