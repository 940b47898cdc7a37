"""Checks of the metrics that a hub's variables name: thresholds with their topics, and metrics in CloudWatch."""

from __future__ import annotations

import json
from collections.abc import Collection
from difflib import get_close_matches

from ds_dashboard import thresholds
from ds_dashboard.client.latest import read_series
from ds_dashboard.hub.settings import CLOUDWATCH_METRICS
from ds_dashboard.identity import Project
from ds_dashboard.text import visible
from ds_dashboard.thresholds import Threshold
from ds_dashboard_cli.doctor.account import Need
from ds_dashboard_cli.doctor.context import Context

_MAX_NAMES = 3
_Series = Collection[tuple[Project, str]]


def needs(context: Context, table_arn: str) -> list[Need]:
    """Return what the role of the archive must allow for thresholds.

    Args:
        context: the context of the checks.
        table_arn: the ARN of the latest table.
    """
    publish = [Need("sns:Publish", topic) for topic in _topics(context)]
    judge = [Need(f"dynamodb:{action}", table_arn) for action in ("GetItem", "UpdateItem")]
    return [*(judge if _variable(context, "archive", thresholds.THRESHOLDS) else []), *publish]


def check(context: Context) -> None:
    """Check that topics exist, and that there are values of each metric that has a threshold or is published."""
    with context.report.checking("the metrics of thresholds and cloudwatch_metrics"):
        try:
            found = thresholds.parse(_variable(context, "archive", thresholds.THRESHOLDS))
        except ValueError:
            # Reported with the other variables of the function.
            found = {}
        metrics = published(context)
        if (found or metrics) and context.account.table(context.names.table("latest")) is not None:
            series = read_series(context.installation)
            # Not all of a very large table is read, and so nothing is known about what is not found.
            if series is not None:
                for metric, threshold in found.items():
                    _check_threshold(context, metric, threshold, series)
                for metric in metrics:
                    _check_published(context, metric, series)
    _check_topics(context)


def _check_threshold(context: Context, metric: str, threshold: Threshold, series: _Series) -> None:
    thing = f"threshold {visible(metric)}"
    projects = sorted({project.path for project, name in series if name == metric})
    if not projects:
        cause = f"applies to nothing: {_without_value(metric, series)}"
    elif not any(threshold.applies_to(project) for project, name in series if name == metric):
        known = ", ".join(projects[:_MAX_NAMES]) + (", ..." if len(projects) > _MAX_NAMES else "")
        cause = (
            f"applies to no spoke: its projects are {', '.join(threshold.projects)} and its environments "
            f"{', '.join(threshold.environments)}. The metric has values of {known}."
        )
    else:
        context.report.good(thing)
        return
    context.report.warn(thing, cause, f"{context.remedies.apply('hub')}, after thresholds has been corrected")


def _check_published(context: Context, metric: str, series: _Series) -> None:
    thing = f"CloudWatch metric {visible(metric)}"
    if any(name == metric for _, name in series):
        context.report.good(thing)
        return
    context.report.warn(
        thing,
        f"is never published: {_without_value(metric, series)}",
        f"{context.remedies.apply('hub')}, after cloudwatch_metrics has been corrected",
    )


def _without_value(metric: str, series: _Series) -> str:
    near = get_close_matches(metric, sorted({name for _, name in series}), _MAX_NAMES)
    hint = f" There are values of {', '.join(map(visible, near))}." if near else ""
    return f"no metric of this name ever had a value.{hint}"


def _check_topics(context: Context) -> None:
    """Check that the topics of the hub's own account exist; nobody else may look at others."""
    own = f"arn:{context.account.partition}:sns:{context.account.region}:{context.account.id}:"
    names = {topic: topic.removeprefix(own) for topic in _topics(context) if topic.startswith(own)}
    if not names:
        return
    with context.report.checking("the topics of threshold_actions"):
        existing = context.account.topics()
        for topic, name in names.items():
            context.report.check(
                topic in existing,
                f"topic {visible(name)}",
                "does not exist: each message with a value that crosses a threshold becomes a dead letter.",
                f"{context.remedies.apply('hub')}, after the topic has been created or removed from threshold_actions",
            )


def _topics(context: Context) -> list[str]:
    """Return the ARNs of the topics that the archive notifies."""
    topics = _json(context, "archive", thresholds.ACTIONS)
    return [topic for topic in topics if isinstance(topic, str)] if isinstance(topics, list) else []


def published(context: Context, role: str = "watch") -> list[str]:
    """Return the names of the metrics whose sums a function publishes."""
    metrics = _json(context, role, CLOUDWATCH_METRICS)
    return list(metrics) if isinstance(metrics, dict) else []


def _json(context: Context, role: str, name: str) -> object:
    """Return a JSON variable of a function; None if it is not valid, which is reported with the function."""
    try:
        return json.loads(_variable(context, role, name) or "null")
    except ValueError:
        return None


def _variable(context: Context, role: str, name: str) -> str:
    function = context.account.function(context.names.function(role)) or {}
    return str(function.get("Environment", {}).get("Variables", {}).get(name, ""))
