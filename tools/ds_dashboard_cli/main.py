"""`ds-dashboard`, the command."""

from __future__ import annotations

import importlib
import io
import os
import sys
from typing import Any

import click
from click.shell_completion import CompletionItem

import ds_dashboard
from ds_dashboard_cli.errors import BROKEN_PIPE, FAILED, INTERRUPTED, UserError

_EPILOG = """\b
Examples:
  ds-dashboard refresh --wait                        ask all spokes for fresh values
  ds-dashboard latest                                the newest value of each metric
  ds-dashboard history TrainingCost --since 30d --plot
  ds-dashboard spokes                                who reports, who is silent, what fails
  ds-dashboard local up                              an AWS on this machine, to try it

Exit codes: 0 done; 1 failed, or `doctor` found something broken; 2 the command line is wrong; 3 `refresh --wait` or
`replay --wait` ended too early, or `local status` found nothing running; 130 interrupted.
"""

# Command -> where it is, and what it is for. Imported when used: the local cloud is an extra, and it is large.
_COMMANDS = {
    "completion": (
        "ds_dashboard_cli.commands.completion:completion_command",
        "Print the script that completes commands in a shell.",
    ),
    "dead-letters": (
        "ds_dashboard_cli.commands.dead_letters:dead_letters_group",
        "Look at what did not arrive, and send it again.",
    ),
    "doctor": (
        "ds_dashboard_cli.commands.doctor:doctor_command",
        "Say what is wrong with the hub or a spoke, and what mends it.",
    ),
    "export": (
        "ds_dashboard_cli.commands.export:export_command",
        "Write history to a file: CSV, Parquet or JSON lines.",
    ),
    "history": (
        "ds_dashboard_cli.commands.history:history_command",
        "Show the values of one metric over time, or plot them.",
    ),
    "import": (
        "ds_dashboard_cli.commands.import_table:import_command",
        "Take over the values of another table, such as the AWS sample's.",
    ),
    "latest": ("ds_dashboard_cli.commands.latest:latest_command", "Show the newest value of each metric."),
    "local": ("ds_dashboard_local.cli.commands:local", "Run an AWS on this machine, for trials and tests."),
    "manifest": ("ds_dashboard_cli.commands.manifest:manifest_command", "Write the manifest that Terraform reads."),
    "metrics": ("ds_dashboard_cli.commands.metrics:metrics_command", "List the metrics that a spoke can have."),
    "package": ("ds_dashboard_cli.commands.package:package_command", "Write the archive that the functions run from."),
    "refresh": ("ds_dashboard_cli.commands.refresh:refresh_command", "Ask the spokes for fresh values."),
    "rejected": (
        "ds_dashboard_cli.commands.rejected:rejected_group",
        "Look at what the hub has refused, and send it again.",
    ),
    "replay": (
        "ds_dashboard_cli.commands.replay:replay_command",
        "Let the archive have again what arrived in a period.",
    ),
    "spokes": ("ds_dashboard_cli.commands.spokes:spokes_command", "Show who reports to the hub, and who is silent."),
}
_EXTRAS = {"local": "local"}


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
            if cmd_name not in _EXTRAS:
                raise
            raise UserError(
                f"ds-dashboard {cmd_name}",
                f"needs something that is not installed ({error.name}).",
                f"Run: pip install 'ds-dashboard[{_EXTRAS[cmd_name]}]'",
            ) from error
        return found

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        # click's own would import every command to ask for its help.
        found = [CompletionItem(name, help=purpose) for name, (_, purpose) in _COMMANDS.items()]
        options = super(click.Group, self).shell_complete(ctx, incomplete)
        return [item for item in found if item.value.startswith(incomplete)] + options

    def invoke(self, ctx: click.Context) -> Any:
        try:
            super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # `| head` has seen enough; what is still in the buffer goes nowhere, without a word.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(BROKEN_PIPE)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, purpose) for name, (_, purpose) in sorted(_COMMANDS.items())])


@click.command(
    cls=LazyGroup, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120}
)
@click.version_option(ds_dashboard.__version__, prog_name="ds-dashboard", message="%(prog)s %(version)s")
def cli() -> None:
    """See, in one place, what goes on in many AWS accounts."""


def main() -> None:
    """The entry point: a user sees what went wrong and what to do, never a stack trace."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal of another encoding shows what it cannot show as an escape, instead of ending the command.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = cli.main(prog_name="ds-dashboard", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except click.Abort:
        click.echo("Stopped.", err=True)
        code = INTERRUPTED
    except OSError as error:
        # Such as a full disk; what AWS says comes as other errors.
        click.echo(f"Error: {error.filename or 'standard output'}: {error.strerror or error}.", err=True)
        code = FAILED
    except Exception as error:
        if os.environ.get("DS_DASHBOARD_DEBUG"):
            raise
        click.echo(
            f"Error: {type(error).__name__}: {error}\n"
            "This is a mistake in ds-dashboard. DS_DASHBOARD_DEBUG=1 shows where; please report it.",
            err=True,
        )
        code = FAILED
    sys.exit(code)
