"""How a hub is set up, as its own watch function has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ds_dashboard_cli.aws.failures import code_of, is_denied
from ds_dashboard_cli.output.notes import note

if TYPE_CHECKING:
    from ds_dashboard_cli.aws.installation import Installation

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
    from botocore.exceptions import ClientError

    function = f"{hub.name}-watch"
    try:
        answer = hub.client("lambda").get_function_configuration(FunctionName=function)
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":
            # Whether there is a hub at all, its tables say.
            return HubSettings()
        if not is_denied(error):
            raise
        answer = {}
    variables = answer.get("Environment", {}).get("Variables", {})
    try:
        return HubSettings(
            path=variables["DS_DASHBOARD_MONITORED_PROJECTS_PATH"].rstrip("/"),
            silent_after=timedelta(hours=float(variables["DS_DASHBOARD_SILENT_AFTER_HOURS"])),
        )
    except (KeyError, ValueError):
        note(
            f"The settings of {function} cannot be read (lambda:GetFunctionConfiguration): taking the modules' "
            f"defaults, spokes under {_PATH}, silent after {_SILENT_AFTER.total_seconds() / 3600:.0f} h."
        )
        return HubSettings()
