"""Checks of a hub's thresholds: what they apply to, and what the archive needs to notify topics of them."""

from __future__ import annotations

import json
from collections.abc import Collection
from difflib import get_close_matches

from ds_dashboard import thresholds
from ds_dashboard.client.latest import read_series
from ds_dashboard.identity import Project
from ds_dashboard.text import visible
from ds_dashboard.thresholds import Threshold
from ds_dashboard_cli.doctor.account import Need
from ds_dashboard_cli.doctor.context import Context

_MAX_NAMES = 3


def needs(context: Context, table_arn: str) -> list[Need]:
    """Return what the role of the archive must allow for thresholds.

    Args:
        context: the context of the checks.
        table_arn: the ARN of the latest table.
    """
    try:
        topics = json.loads(_variable(context, thresholds.ACTIONS) or "[]")
    except ValueError:
        topics = None
    publish = [Need("sns:Publish", str(topic)) for topic in topics] if isinstance(topics, list) else []
    judge = [Need(f"dynamodb:{action}", table_arn) for action in ("GetItem", "UpdateItem")]
    return [*(judge if _variable(context, thresholds.THRESHOLDS) else []), *publish]


def check(context: Context) -> None:
    """Check that each threshold applies to a series."""
    with context.report.checking(f"the thresholds of {context.names.function('archive')}"):
        try:
            found = thresholds.parse(_variable(context, thresholds.THRESHOLDS))
        except ValueError:
            # Reported with the other variables of the function.
            return
        if not found or context.account.table(context.names.table("latest")) is None:
            return
        series = read_series(context.installation)
        if series is None:
            # Not all of a very large table is read, and so nothing is known about what is not found.
            return
        for metric, threshold in found.items():
            _check_threshold(context, metric, threshold, series)


def _check_threshold(
    context: Context, metric: str, threshold: Threshold, series: Collection[tuple[Project, str]]
) -> None:
    thing = f"threshold {visible(metric)}"
    projects = sorted({project.path for project, name in series if name == metric})
    if not projects:
        near = get_close_matches(metric, sorted({name for _, name in series}), _MAX_NAMES)
        hint = f" There are values of {', '.join(map(visible, near))}." if near else ""
        cause = f"applies to nothing: no metric of this name ever had a value.{hint}"
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


def _variable(context: Context, name: str) -> str:
    function = context.account.function(context.names.function("archive")) or {}
    return str(function.get("Environment", {}).get("Variables", {}).get(name, ""))
