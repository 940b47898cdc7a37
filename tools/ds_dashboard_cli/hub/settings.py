"""How a hub is set up, as its own watch function has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ds_dashboard_cli.aws.failures import code_of, is_denied
from ds_dashboard_cli.output.notes import note

if TYPE_CHECKING:
    from ds_dashboard_cli.aws.installation import Installation

PATH, SILENT_AFTER = "DS_DASHBOARD_MONITORED_PROJECTS_PATH", "DS_DASHBOARD_SILENT_AFTER_HOURS"
# The defaults of modules/hub.
_PATH = "/monitored_projects"
_SILENT_AFTER = timedelta(hours=26)


@dataclass(frozen=True, slots=True)
class HubSettings:
    """Where spokes are registered, without a slash at its end, and after which time a spoke counts as silent."""

    path: str = _PATH
    silent_after: timedelta = _SILENT_AFTER


def read(hub: Installation) -> HubSettings:
    """The settings of the deployed hub; the modules' defaults, with a note, where the caller may not read them."""
    found = _variables(hub)
    if found is None:
        # Whether there is a hub at all, its tables say.
        return HubSettings()
    path, silent_after = found.get(PATH, "").rstrip("/"), span(found.get(SILENT_AFTER))
    defaults = [f"spokes under {_PATH}"] * (not path)
    defaults += [f"silent after {_SILENT_AFTER.total_seconds() / 3600:.0f} h"] * (silent_after is None)
    if defaults:
        note(
            f"Not all settings of {hub.name}-watch can be read (lambda:GetFunctionConfiguration): taking the modules' "
            f"defaults, {', '.join(defaults)}."
        )
    return HubSettings(path or _PATH, silent_after or _SILENT_AFTER)


def _variables(hub: Installation) -> Mapping[str, str] | None:
    """The function's environment, empty where the caller may not read it; None where there is no such function."""
    from botocore.exceptions import ClientError

    try:
        answer = hub.client("lambda").get_function_configuration(FunctionName=f"{hub.name}-watch")
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":
            return None
        if not is_denied(error):
            raise
        return {}
    found: Mapping[str, str] = answer.get("Environment", {}).get("Variables", {})
    return found


def span(hours: str | None) -> timedelta | None:
    """A number of hours as a function's environment has it; None where it is none."""
    try:
        found = timedelta(hours=float(hours or ""))
    except (ValueError, OverflowError):
        return None
    return found if found > timedelta() else None
