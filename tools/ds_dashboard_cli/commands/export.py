"""`ds-dashboard export`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from ds_dashboard.text import pluralize, visible
from ds_dashboard_cli.options import (
    check_period,
    environment_option,
    hub_options,
    metric_option,
    period_options,
    project_option,
)
from ds_dashboard_cli.output import files
from ds_dashboard_cli.output.files import display_path
from ds_dashboard_cli.output.streams import Progress, note, progress

if TYPE_CHECKING:
    from ds_dashboard.client import Hub, Value

_EPILOG = """\b
Examples:
  ds-dashboard export -o history.csv
  ds-dashboard export --metric TrainingCost --since 90d -o cost.parquet
  ds-dashboard export --since 30d -o history.sqlite
  ds-dashboard export --since 2026-11-01 --until 2026-12-01 -o november.csv.gz
  ds-dashboard export --json | jq -c 'select(.Unit == "Count")'
"""

_STDOUT = Path("-")
_PROGRESS_EVERY = 1000
_FILES_ONLY = {"parquet": "Parquet", "sqlite": "SQLite"}


@click.command("export", epilog=_EPILOG)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    default=_STDOUT,
    help="Where to write; - for stdout. A name with .gz is compressed.  [default: -]",
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "parquet", "sqlite", "json"]),
    help="The format; json is one object a line.  [default: by FILE's suffix; without one, csv]",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@metric_option
@project_option
@environment_option
@period_options(since=None)
@click.option("--raw", is_flag=True, help="CSV: leave texts that a spreadsheet would evaluate as they are.")
@hub_options
def export_command(
    hub: Hub,
    output: Path,
    kind: str | None,
    as_json: bool,
    metrics: tuple[str, ...],
    projects: tuple[str, ...],
    environments: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    raw: bool,
) -> None:
    """Write history to a file: CSV, Parquet, SQLite or JSON lines, of any size.

    Values are written while they are read, and the file is put in place when it is complete. Numbers keep all their
    digits: Parquet and SQLite have them as text (MetricValue), with the nearest double next to it (MetricValueDouble).
    A SQLite database has the table history. In CSV, an apostrophe goes before what a spreadsheet would evaluate, unless
    you pass --raw.

    Without --metric, the complete table is read in no order. With it, one metric follows the other, oldest value first.
    """
    check_period(since, until)
    if as_json and kind not in (None, "json"):
        raise click.UsageError(f"--json and --format {kind} contradict each other: pass one of them.")
    from ds_dashboard.client import export

    kind = "json" if as_json else kind or _format_of(output)
    if kind in _FILES_ONLY and output == _STDOUT:
        raise click.UsageError(f"{_FILES_ONLY[kind]} needs a file: name one with -o.")
    rows = hub.history(metrics, since=since, until=until, projects=projects, environments=environments)
    # Read the first value before the file is opened: an error of AWS then leaves nothing behind.
    values = chain(list(islice(rows, 1)), rows)
    display = visible if output == _STDOUT and sys.stdout.isatty() else None
    with _opened(output) as whole, export.compressing(output, whole) as file, progress() as show:
        writer = export.open_writer(kind, file, raw=raw, display=display)
        count = export.write_values(values, writer, lambda count, value: _show_progress(show, count, value))
    note(f"{pluralize(count, 'value')} written to {'stdout' if output == _STDOUT else display_path(output)}.")


def _format_of(output: Path) -> str:
    from ds_dashboard.client import export

    try:
        return export.file_format(output)
    except ValueError as error:
        raise click.BadParameter(f"{error} with --format.", param_hint="--output") from error


def _show_progress(show: Progress, count: int, value: Value) -> None:
    if count % _PROGRESS_EVERY == 0:
        show(f"{count:,} values, the last of {value.metric}, {value.item.get('ExtractionDate')}")


@contextmanager
def _opened(output: Path) -> Iterator[BinaryIO]:
    if output == _STDOUT:
        stdout = sys.stdout.buffer
        yield stdout
        stdout.flush()
        return
    with files.replacing(output) as file:
        yield file
