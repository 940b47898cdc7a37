"""The state of a newest value in one word, alike in pages, reports and commands."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from ds_dashboard.client.latest import LatestValue


class ValueState(StrEnum):
    """The state of a newest value, worst first."""

    FAILING = "failing"
    ABOVE = "above"
    BELOW = "below"
    SILENT = "silent"
    STALE = "stale"
    NOTHING = "nothing"
    FRESH = "fresh"


def state_of(value: LatestValue, silent: Collection[str]) -> ValueState:
    """Return the state of a row of `Hub.latest`.

    Args:
        value: the row.
        silent: `<project>/<environment>` of the spokes that are silent.
    """
    if value.failure is not None:
        return ValueState.FAILING
    if value.spoke in silent:
        return ValueState.SILENT
    if value.stale or value.gone:
        return ValueState.STALE
    if value.threshold is not None:
        return ValueState.ABOVE if value.threshold == "above" else ValueState.BELOW
    return ValueState.NOTHING if value.nothing_to_report else ValueState.FRESH
