"""`ds-dashboard`, the command."""

from __future__ import annotations

import importlib
import os
import sys

import click

from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.version import version

_EPILOG = """\b
Examples:
  ds-dashboard manifest --metrics ./metrics -o metrics.json      what your metrics ask for, for Terraform
  ds-dashboard package --metrics ./metrics -o ds_dashboard.zip   what runs in AWS, with your metrics in it
  ds-dashboard local up                                          an AWS on this machine, to try it
"""

# Command -> where it is, and what it is for. Imported when used: the local cloud is an extra, and it is large.
_COMMANDS = {
    "local": ("ds_dashboard_local.command:local", "Run an AWS on this machine, for trials and tests."),
    "manifest": ("ds_dashboard_cli.manifest_command:manifest_command", "Write the manifest that Terraform reads."),
    "package": ("ds_dashboard_cli.package_command:package_command", "Write the archive that the functions run from."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[cmd_name][0].partition(":")
        try:
            found: click.Command = getattr(importlib.import_module(module), attribute)
        except ModuleNotFoundError as error:
            raise UserError(
                f"ds-dashboard {cmd_name}",
                f"needs something that is not installed ({error.name}).",
                "Run: pip install 'ds-dashboard[local]'",
            ) from error
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, purpose) for name, (_, purpose) in sorted(_COMMANDS.items())])


@click.command(
    cls=LazyGroup, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120}
)
@click.version_option(version(), prog_name="ds-dashboard", message="%(prog)s %(version)s")
def cli() -> None:
    """See, in one place, what goes on in many AWS accounts."""


def main() -> None:
    """The entry point: a user sees what went wrong and what to do, never a stack trace."""
    try:
        cli(prog_name="ds-dashboard")
    except Exception as error:
        if os.environ.get("DS_DASHBOARD_DEBUG"):
            raise
        click.echo(
            f"Error: {type(error).__name__}: {error}\n"
            "This is a mistake in ds-dashboard. DS_DASHBOARD_DEBUG=1 shows where; please report it.",
            err=True,
        )
        sys.exit(1)
