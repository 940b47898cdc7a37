"""`ds-dashboard export`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

import click

from ds_dashboard_cli.options import (
    check_period,
    environment_option,
    hub_options,
    metric_option,
    period_options,
    project_option,
)
from ds_dashboard_cli.output import atomic_files
from ds_dashboard_cli.output.notes import Progress, note, progress
from ds_dashboard_cli.output.text import counted
from ds_dashboard_cli.packaging.checkout import display_path

if TYPE_CHECKING:
    from ds_dashboard_cli.aws.installation import Installation

_EPILOG = """\b
Examples:
  ds-dashboard export -o history.csv
  ds-dashboard export --metric TrainingCost --since 90d -o cost.parquet
  ds-dashboard export --since 2026-11-01 --until 2026-12-01 | gzip > november.csv.gz
  ds-dashboard export --json | jq -c 'select(.Unit == "Count")'
"""

_STDOUT = Path("-")
_FORMATS = {".csv": "csv", ".parquet": "parquet", ".pq": "parquet", ".jsonl": "json", ".json": "json"}
_TELL_EVERY = 1000


class _File(Protocol):
    def write(self, item: Mapping[str, Any]) -> None: ...

    def close(self) -> None: ...

    def abandon(self) -> None: ...


@click.command("export", epilog=_EPILOG)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    default=_STDOUT,
    help="Where to write; - for stdout.  [default: -]",
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "parquet", "json"]),
    help="What to write; json is one object a line.  [default: by FILE's ending, else csv]",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@metric_option
@project_option
@environment_option
@period_options(since=None)
@click.option("--raw", is_flag=True, help="CSV: leave texts that a spreadsheet would calculate as they are.")
@hub_options
def export_command(
    hub: Installation,
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
    """Write history to a file: CSV, Parquet or JSON lines, of any size.

    Values are written while they are read, and the file is put in place when it is whole. Numbers keep all their
    digits: in Parquet as text (MetricValue), with the nearest double beside it (MetricValueDouble). In CSV a text that
    a spreadsheet would take for a formula gets an apostrophe in front; --raw leaves it out.

    Without --metric the whole table is read, in no order; with it, one metric after the other, oldest value first.
    """
    check_period(since, until)
    if as_json and kind not in (None, "json"):
        raise click.UsageError(f"--json and --format {kind} contradict each other: give one of them.")
    kind = "json" if as_json else kind or _FORMATS.get(output.suffix.lower(), "csv")
    if kind == "parquet" and output == _STDOUT:
        raise click.UsageError("Parquet is written to a file: name one with -o.")
    from ds_dashboard_cli.hub import history
    from ds_dashboard_cli.hub.narrowing import Narrowing

    found = history.of_all(hub, metrics, Narrowing(projects, environments), since, until)
    # What AWS refuses at once leaves nothing behind, not even a head.
    found = chain(list(islice(found, 1)), found)
    with _opened(output) as file, progress() as tell:
        count = _copy(found, _writer(kind, file, raw, screen=output == _STDOUT and sys.stdout.isatty()), tell)
    note(f"{counted(count, 'value')} written to {'stdout' if output == _STDOUT else display_path(output)}.")


@contextmanager
def _opened(output: Path) -> Iterator[BinaryIO]:
    if output == _STDOUT:
        stdout = sys.stdout.buffer
        yield stdout
        stdout.flush()
        return
    with atomic_files.replacing(output) as file:
        yield file


def _writer(kind: str, file: BinaryIO, raw: bool, screen: bool) -> _File:
    if kind == "parquet":
        from ds_dashboard_cli.export.parquet_file import ParquetFile

        return ParquetFile(file)
    if kind == "json":
        from ds_dashboard_cli.export.json_file import JsonFile

        return JsonFile(file)
    from ds_dashboard_cli.export.csv_file import CsvFile

    return CsvFile(file, raw=raw, screen=screen)


def _copy(items: Iterable[Mapping[str, Any]], file: _File, tell: Progress) -> int:
    count = 0
    try:
        for count, item in enumerate(items, 1):
            file.write(item)
            if count % _TELL_EVERY == 0:
                tell(f"{count:,} values, the last of {item['MetricName']}, {item['ExtractionDate']}")
        file.close()
    except BaseException:
        file.abandon()
        raise
    return count
