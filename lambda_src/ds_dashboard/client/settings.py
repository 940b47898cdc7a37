"""The configuration of a deployed hub: the settings of its watch function, and its registered spokes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from ds_dashboard import dates
from ds_dashboard.client.errors import error_code, is_denied
from ds_dashboard.client.installation import Installation
from ds_dashboard.identity import DEFAULT_MONITORED_PROJECTS_PATH, Registered

Warn = Callable[[str], None]

PATH, SILENT_AFTER = "DS_DASHBOARD_MONITORED_PROJECTS_PATH", "DS_DASHBOARD_SILENT_AFTER_HOURS"
# The default of modules/hub.
_SILENT_AFTER = timedelta(hours=26)


@dataclass(frozen=True, slots=True)
class HubSettings:
    """The settings of a hub that its readers need.

    Attributes:
        path: SSM path of the registered spokes, without a trailing slash.
        silent_after: the age of a spoke's last extraction from which the spoke counts as silent.
    """

    path: str = DEFAULT_MONITORED_PROJECTS_PATH
    silent_after: timedelta = _SILENT_AFTER


def read_settings(installation: Installation, warn: Warn) -> HubSettings:
    """Read the settings of the deployed hub, or use the module's defaults for what the caller may not read.

    Args:
        installation: the hub.
        warn: receives a sentence if the caller may not read a setting.

    Raises:
        botocore.exceptions.ClientError: AWS denied the call for another reason than a permission.
    """
    variables = _watch_variables(installation)
    if variables is None:
        # The tables tell whether there is a hub at all.
        return HubSettings()
    path, silent_after = variables.get(PATH, "").rstrip("/"), dates.parse_hours(variables.get(SILENT_AFTER))
    defaults = [f"spokes under {DEFAULT_MONITORED_PROJECTS_PATH}"] * (not path)
    defaults += [f"silent after {_SILENT_AFTER.total_seconds() / 3600:.0f} h"] * (silent_after is None)
    if defaults:
        warn(
            f"Cannot read all settings of {installation.names.function('watch')} (lambda:GetFunctionConfiguration): "
            f"using the module's defaults, {', '.join(defaults)}."
        )
    return HubSettings(path or DEFAULT_MONITORED_PROJECTS_PATH, silent_after or _SILENT_AFTER)


def _watch_variables(installation: Installation) -> Mapping[str, str] | None:
    """Return the environment of the watch function, empty if it is not readable; None if there is no such function."""
    from botocore.exceptions import ClientError

    try:
        answer = installation.client("lambda").get_function_configuration(
            FunctionName=installation.names.function("watch")
        )
    except ClientError as error:
        if error_code(error) == "ResourceNotFoundException":
            return None
        if not is_denied(error):
            raise
        return {}
    variables: Mapping[str, str] = answer.get("Environment", {}).get("Variables", {})
    return variables


def registered_spokes(installation: Installation, path: str, warn: Warn) -> dict[str, str] | None:
    """Read the spokes that are registered in Parameter Store.

    Args:
        installation: the hub.
        path: SSM path of the registered spokes, without a trailing slash.
        warn: receives a sentence if the caller may not read the path.

    Returns:
        `<ProjectName>/<Environment>` -> account ID or bus ARN, sorted; `SecureString` for an encrypted one. None if the
        caller may not read the path.

    Raises:
        botocore.exceptions.ClientError: AWS denied the call for another reason than a permission.
    """
    from botocore.exceptions import ClientError

    found: dict[str, str] = {}
    try:
        pages = installation.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True)
        for page in pages:
            found.update({one["Name"].removeprefix(f"{path}/"): Registered.text_of(one) for one in page["Parameters"]})
    except ClientError as error:
        if not is_denied(error):
            raise
        warn(f"Cannot read who is registered (ssm:GetParametersByPath on {path}): using the spokes that have reported.")
        return None
    return dict(sorted(found.items()))


def registered_account(value: str) -> str:
    """Return the account ID that a registration names, or the value itself if it is not a valid registration."""
    try:
        return Registered.parse(value).account
    except ValueError:
        return value


def registered_sender(value: str, hub_region: str) -> tuple[str, str] | None:
    """Return the account ID and region that a registration names; None if it is not a valid registration.

    Args:
        value: an account ID, which means the hub's region, or a bus ARN.
        hub_region: the region of the hub.
    """
    try:
        registered = Registered.parse(value)
    except ValueError:
        return None
    return registered.account, registered.region or hub_region


def registered_region(value: str) -> str | None:
    """Return the region that a bus ARN names; None for an account ID, which means the hub's region."""
    try:
        return Registered.parse(value).region
    except ValueError:
        return None
