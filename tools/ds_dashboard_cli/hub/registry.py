"""Who is registered: the parameters below `monitored_projects_path` in the hub's account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ds_dashboard_cli.aws.failures import is_denied
from ds_dashboard_cli.output.notes import note

if TYPE_CHECKING:
    from ds_dashboard_cli.aws.installation import Installation


def registered(hub: Installation, path: str) -> dict[str, str] | None:
    """`<ProjectName>/<Environment>` -> account id or bus ARN; None, with a note, where the caller may not read it."""
    from botocore.exceptions import ClientError

    found: dict[str, str] = {}
    try:
        for page in hub.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True):
            found.update({one["Name"].removeprefix(f"{path}/"): one["Value"] for one in page["Parameters"]})
    except ClientError as error:
        if not is_denied(error):
            raise
        note(f"Who is registered cannot be read (ssm:GetParametersByPath on {path}): taking who has reported.")
        return None
    return {name: found[name] for name in sorted(found)}


def account_of(value: str) -> str:
    """The account that a parameter registers: an account id is one, a bus ARN names one."""
    parts = value.split(":")
    return parts[4] if value.startswith("arn:") and len(parts) > 4 else value


def region_of(value: str) -> str | None:
    """The region that a bus ARN names; None for an account id, which is in the hub's."""
    parts = value.split(":")
    return parts[3] if value.startswith("arn:") and len(parts) > 4 else None
