"""Which state a newest value is in, for pages, reports and commands."""

from __future__ import annotations

from collections.abc import Collection

from ds_dashboard.client.latest import LatestValue
from ds_dashboard.states import State


def state_of(value: LatestValue, silent: Collection[str]) -> State:
    """Return the state of a row of `Hub.latest`.

    Args:
        value: the row.
        silent: `<project>/<environment>` of the spokes that are silent.
    """
    if value.failure is not None:
        return State.FAILING
    if value.spoke in silent:
        return State.SILENT
    if value.stale or value.gone:
        return State.STALE
    if value.threshold is not None:
        return State.ABOVE if value.threshold == "above" else State.BELOW
    return State.NOTHING if value.nothing_to_report else State.FRESH
