"""Checks for other hubs in the same account and region that read the parameters of this one."""

from __future__ import annotations

from ds_dashboard.client.settings import PATH
from ds_dashboard.identity import Names
from ds_dashboard_cli.aws_errors import hubs_here
from ds_dashboard_cli.doctor.context import Context


def check(context: Context, path: str) -> None:
    """Warn of hubs that read registered spokes at the same SSM path, at one above it, or at one below it.

    All installations have the same default path, and their parameters are read recursively.

    Args:
        context: the context of the check.
        path: the SSM path of this hub's registered spokes, without a trailing slash.
    """
    for other in hubs_here(context.installation):
        if other == context.installation.name:
            continue
        with context.report.checking(f"parameters of hub {other}"):
            function = context.account.function(Names(other).function("watch")) or {}
            found = str(function.get("Environment", {}).get("Variables", {}).get(PATH, "")).rstrip("/")
            if found and (f"{found}/".startswith(f"{path}/") or f"{path}/".startswith(f"{found}/")):
                context.report.warn(
                    f"parameters below {path}",
                    f"hub {other} in this account and region reads {'them' if found == path else found} too: both hubs "
                    "accept events of the spokes that are registered there, and send refreshes to them.",
                    f"{context.remedies.apply('hub')}, after monitored_projects_path has been set to a path of its own "
                    "in the hub and its connection",
                )
