"""What is wrong with the variables of the hub's and the spoke's functions, found by what reads them there."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ds_dashboard.hub.settings import ArchiveSettings, RefreshSettings, WatchSettings
from ds_dashboard.publish.settings import ReportSettings, WidgetSettings
from ds_dashboard.spoke.settings import ExtractSettings
from ds_dashboard.variables import Variables

_READERS: Mapping[str, Callable[[Variables], object]] = {
    "archive": ArchiveSettings.read,
    "refresh": RefreshSettings.read,
    "watch": WatchSettings.read,
    "report": ReportSettings.read,
    "widget": WidgetSettings.read,
    "extract": ExtractSettings.read,
}


def faults(role: str, values: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with the variables of a function: variable -> the rest of a sentence.

    Args:
        role: `archive`, `refresh`, `watch`, `report` or `widget` of the hub, `extract` of a spoke.
        values: the variables, with those that Lambda sets.
    """
    variables = Variables(values)
    _READERS[role](variables)
    return variables.faults
