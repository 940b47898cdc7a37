"""The entry point of `ds-dashboard`: finds and runs a command, and turns errors into messages and exit codes."""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from click.shell_completion import CompletionItem

import ds_dashboard
from ds_dashboard.shell import command
from ds_dashboard_cli.errors import BROKEN_PIPE, FAILED, INTERRUPTED, UserError

_EPILOG = """\b
Examples:
  ds-dashboard refresh --wait                        request new values from all spokes
  ds-dashboard latest                                the newest value of each metric
  ds-dashboard history TrainingCost --since 30d --plot
  ds-dashboard spokes                                spokes that report, are silent, or have failures
  ds-dashboard local up                              a local AWS cloud for trials

Exit codes: 0 success; 1 failure, or `doctor` found a broken link; 2 invalid command line; 3 `refresh --wait`,
`backfill` or `replay --wait` timed out, or `local status` found no running cloud; 130 interrupted; 141 the reader of
the output has ended (`| head`).
"""

# Command -> its function, and its help. They are imported when they run: the local cloud is a large, optional extra.
_COMMANDS = {
    "backfill": ("ds_dashboard_cli.commands.backfill:backfill_command", "Compute the values of past instants."),
    "completion": (
        "ds_dashboard_cli.commands.completion:completion_command",
        "Print the completion script for a shell.",
    ),
    "dead-letters": (
        "ds_dashboard_cli.commands.dead_letters:dead_letters_group",
        "List or redrive messages that could not be delivered or processed.",
    ),
    "doctor": (
        "ds_dashboard_cli.commands.doctor:doctor_command",
        "Check every link of a hub or a spoke, and show how to fix problems.",
    ),
    "export": (
        "ds_dashboard_cli.commands.export:export_command",
        "Write history to a file: CSV, Parquet, SQLite or JSON lines.",
    ),
    "history": (
        "ds_dashboard_cli.commands.history:history_command",
        "Show or plot the values of one metric over time.",
    ),
    "import": (
        "ds_dashboard_cli.commands.import_table:import_command",
        "Import values from another table, such as the AWS sample's.",
    ),
    "latest": ("ds_dashboard_cli.commands.latest:latest_command", "Show the newest value of each metric."),
    "local": ("ds_dashboard_local.cli.commands:local", "Run a local AWS cloud for trials and tests."),
    "manifest": ("ds_dashboard_cli.commands.manifest:manifest_command", "Write the manifest of metrics for Terraform."),
    "metrics": (
        "ds_dashboard_cli.commands.metrics.group:metrics_group",
        "List the available metrics; write, run and check your own.",
    ),
    "package": ("ds_dashboard_cli.commands.package:package_command", "Write the package with the functions' code."),
    "refresh": ("ds_dashboard_cli.commands.refresh:refresh_command", "Request new values from the spokes."),
    "rejected": (
        "ds_dashboard_cli.commands.dead_letters:rejected_group",
        "List or redrive events that the hub has rejected.",
    ),
    "replay": (
        "ds_dashboard_cli.commands.replay:replay_command",
        "Send past events to the archive again.",
    ),
    "report": ("ds_dashboard_cli.commands.report:report_command", "Write the newest values as one HTML file."),
    "spokes": (
        "ds_dashboard_cli.commands.spokes:spokes_group",
        "Show spokes that report, are silent, or have failures; forget those that are gone.",
    ),
    "web": ("ds_dashboard_cli.commands.web:web_command", "Show a hub in the browser."),
}
_EXTRAS = {"local": "local"}


@contextmanager
def _ends_with_its_reader() -> Iterator[None]:
    """End quietly, with an exit code of its own, if the program that reads the output has ended.

    click and rich would exit with 1, which means that the command failed.

    Raises:
        UserError: there is no output (`>&-`).
    """
    if sys.stdout is None:
        raise UserError("standard output", "is closed.", "Redirect it to /dev/null instead.")
    try:
        try:
            yield
        except click.exceptions.Exit:
            sys.stdout.flush()
            raise
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would report a second error when it flushes the rest of the buffers at exit.
        devnull = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            os.dup2(devnull, stream.fileno())
        raise click.exceptions.Exit(BROKEN_PIPE) from None


class LazyGroup(click.Group):
    """A command group that imports a command when it runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command.

        Raises:
            UserError: the command needs an extra that is not installed.
        """
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
                f"needs {error.name}, which is not installed.",
                f"Run: {command('pip', 'install', f'ds-dashboard[{_EXTRAS[cmd_name]}]')}",
            ) from error
        return found

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete names of commands. The method of click would import every command to get its help."""
        found = [CompletionItem(name, help=purpose) for name, (_, purpose) in _COMMANDS.items()]
        options = super(click.Group, self).shell_complete(ctx, incomplete)
        return [item for item in found if item.value.startswith(incomplete)] + options

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Parse the command line. `--help` and `--version` print here."""
        with _ends_with_its_reader():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        with _ends_with_its_reader():
            super().invoke(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, purpose) for name, (_, purpose) in sorted(_COMMANDS.items())])


@click.command(
    cls=LazyGroup, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120}
)
@click.version_option(ds_dashboard.__version__, prog_name="ds-dashboard", message="%(prog)s %(version)s")
def cli() -> None:
    """Monitor data-science projects in many AWS accounts from one account."""


def main() -> None:
    """Run the command line, and exit with its code; an error is shown without a stack trace."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Escape characters that the terminal's encoding lacks, instead of failing.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = cli.main(prog_name="ds-dashboard", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except click.Abort:
        click.echo("Interrupted.", err=True)
        code = INTERRUPTED
    except OSError as error:
        # For example a full disk. Errors of AWS are not of this class.
        click.echo(f"Error: {error.filename or 'standard output'}: {error.strerror or error}.", err=True)
        code = FAILED
    except Exception as error:
        if os.environ.get("DS_DASHBOARD_DEBUG"):
            raise
        click.echo(
            f"Error: {type(error).__name__}: {error}\n"
            "This is a bug in ds-dashboard. Please report it with the stack trace that DS_DASHBOARD_DEBUG=1 shows.",
            err=True,
        )
        code = FAILED
    sys.exit(code)
