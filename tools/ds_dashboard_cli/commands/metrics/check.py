"""`ds-dashboard metrics check`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ds_dashboard.text import pluralize, visible
from ds_dashboard_cli.errors import FAILED, UserError
from ds_dashboard_cli.output import tables
from ds_dashboard_cli.output.files import display_path
from ds_dashboard_cli.output.streams import note
from ds_dashboard_cli.output.tables import Column, Row

_EPILOG = """\b
Examples:
  ds-dashboard metrics check ./metrics
"""
# Each scenario is computed on all its branches, and moto may have to create what is in it each time.
_TIMEOUT_SECONDS = 900
# That of a fake account.
_REGION = "eu-west-1"
_COLUMNS = (Column("METRIC"), Column("SCENARIOS", right=True), Column("RESULT"))


@click.command("check", epilog=_EPILOG)
@click.argument("paths", metavar="DIR...", nargs=-1, required=True, type=click.Path(path_type=Path))
def check_command(paths: tuple[Path, ...]) -> None:
    """Check the metrics of a folder of your own: declarations, permissions, and what they report in their scenarios.

    Compares each action and resource with IAM's reference. Runs each metric in the scenarios of its tests (lists named
    SCENARIOS in files test_*.py), also with pages of one item, in an empty account, and with each call denied,
    throttled or failing, and compares its calls with what it declares. Needs no credentials and no network.
    """
    from ds_dashboard_cli.authoring import iam_reference
    from ds_dashboard_cli.packaging import sandbox, skipped
    from ds_dashboard_cli.packaging.checkout import lambda_sources
    from ds_dashboard_cli.packaging.metric_folders import resolve_folders
    from ds_dashboard_cli.packaging.problems import located

    # Fails here if the extra is not installed, and not in the other process.
    iam_reference.version()
    for path in paths:
        if path.resolve().is_relative_to(lambda_sources()):
            raise UserError(
                display_path(path),
                "has the metrics of this repository, whose scenarios are in tests/catalogue.",
                'Run: make test ARGS="tests/catalogue"',
            )
    folders = resolve_folders(paths)
    for line in skipped.describe(folders):
        note(line)
    request = sandbox.request_for(folders)
    # In no region, to find permissions that depend on it. In the second process, clients that a file creates when it is
    # imported need one, to be answered by moto.
    imported = sandbox.run("ds_dashboard_cli.packaging.introspect", request, "import")
    checked = sandbox.run("ds_dashboard_cli.authoring.check_folder", request, "check", _TIMEOUT_SECONDS, region=_REGION)
    metrics: list[dict[str, Any]] = checked["metrics"]
    problems: list[dict[str, Any]] = list(imported["problems"])
    for problem in (*checked["problems"], *(problem for one in metrics for problem in one["problems"])):
        if problem not in problems:
            problems.append(problem)
    for problem in problems:
        click.echo(visible(located(problem)))
    if problems and metrics:
        tables.write_line()
    tables.print_table(_COLUMNS, [_row(one) for one in metrics])
    not_run = [f"{one['name']} ({_place(one)})" for one in metrics if not one["scenarios"]]
    if not_run:
        note(f"Not run, because no test has a scenario for them: {', '.join(not_run)}. {_NOT_CHECKED}")
    if not metrics and not problems:
        raise UserError(
            ", ".join(map(display_path, paths)), "has no metric.", "Write one with: ds-dashboard metrics new NAME"
        )
    if problems:
        note(f"{pluralize(len(problems), 'problem')}.")
        raise click.exceptions.Exit(FAILED)


_NOT_CHECKED = (
    "Not checked: their values, whether they read every page and fail if a call fails, and whether they call all that "
    "they declare. `ds-dashboard metrics new` writes a test with a scenario."
)


def _place(one: Mapping[str, Any]) -> str:
    return f"{display_path(Path(one['file']))}:{one['line']}"


def _row(one: Mapping[str, Any]) -> Row:
    count = len(one["problems"])
    result = pluralize(count, "problem") if count else "correct" if one["scenarios"] else "not run"
    return Row([one["name"], str(one["scenarios"]), result], "bad" if count else "")
