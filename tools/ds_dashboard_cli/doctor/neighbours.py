"""Checks for other installations in the same account and region that read the same parameters."""

from __future__ import annotations

from ds_dashboard_cli.doctor.context import Context

_VARIABLES = {"hub": "monitored_projects_path", "spoke": "monitors_path"}
_CONSEQUENCES = {
    "hub": "both hubs accept events of the spokes that are registered there, and send refreshes to them",
    "spoke": "both spokes send their results to the hubs that are registered there",
}


def check(context: Context, side: str, path: str) -> None:
    """Warn of other hubs, or other spokes, that read parameters at the same SSM path, at one above it, or below it.

    All installations have the same default paths, and parameters are read recursively. The description of a bus ends
    with the path that its module was given.

    Args:
        context: the context of the check.
        side: `hub` or `spoke`.
        path: the SSM path of the installation's own peers, without a trailing slash.
    """
    with context.report.checking("the other event buses of the account"):
        for bus in context.account.buses():
            other = bus["Name"].removesuffix(f"-{side}")
            found = str(bus.get("Description", "")).rpartition(" ")[2].rstrip("/")
            if other in (bus["Name"], context.installation.name) or not found.startswith("/"):
                continue
            if f"{found}/".startswith(f"{path}/") or f"{path}/".startswith(f"{found}/"):
                context.report.warn(
                    f"parameters below {path}",
                    f"{side} {other} of this account and region reads {'them' if found == path else found} too: "
                    f"{_CONSEQUENCES[side]}.",
                    f"{context.remedies.apply(side)}, after {_VARIABLES[side]} has been set to a path of its own here "
                    "and in the connection",
                )
