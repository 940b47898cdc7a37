"""`ds-dashboard report`."""

from __future__ import annotations

import tempfile
import webbrowser
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from ds_dashboard import dates
from ds_dashboard.text import pluralize
from ds_dashboard_cli import hub_report
from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.options import hub_options
from ds_dashboard_cli.output import files
from ds_dashboard_cli.output.files import display_path
from ds_dashboard_cli.output.streams import note

if TYPE_CHECKING:
    from ds_dashboard.client import Hub

_EPILOG = """\b
Examples:
  ds-dashboard report -o report.html
  ds-dashboard report -o report.html --demo          made-up data, without AWS
  ds-dashboard report --open                         the hub's own report, in the browser

\b
A hub with more than 20,000 series has a file for each project next to the one that is named, which links to them.
"""


@click.command("report", epilog=_EPILOG)
@click.option("-o", "--output", "output", metavar="FILE", type=click.Path(path_type=Path), help="File to write.")
@click.option(
    "--open",
    "is_opened",
    is_flag=True,
    help="Fetch the report that the hub writes on its schedule, and open it in the browser.",
)
@click.option("--demo", is_flag=True, help="Show made-up data, without any AWS account.")
@click.option(
    "--manifest",
    "manifest_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The manifest of your own metrics, with their families and descriptions.",
)
@hub_options
def report_command(hub: Hub, output: Path | None, is_opened: bool, demo: bool, manifest_file: Path | None) -> None:
    """Write the newest values of a hub as one HTML file that needs no server, no network and no JavaScript.

    With --open, nothing is computed: the hub's own report is fetched, which needs variable `report` of the hub.
    """
    if output == Path("-"):
        raise UserError(
            "-o", "needs the name of a file: a report may be several.", "For example, -o report.html.", usage=True
        )
    if is_opened:
        if demo or manifest_file:
            raise UserError("--open", "fetches what the hub has written.", "Leave out the other options.", usage=True)
        _open(hub, output)
        return
    if output is None:
        raise UserError("-o", "is required without --open.", "For example, add -o report.html.", usage=True)
    try:
        from ds_dashboard.pages import report
        from ds_dashboard.pages.index import Index
        from ds_dashboard_web.open_source import open_source
    except ImportError as error:
        raise UserError(
            "ds-dashboard report",
            f"needs {error.name}, which is not installed.",
            'Run: pip install "ds-dashboard[web]"',
        ) from error
    source = open_source(hub, demo, manifest_file, is_file=True)
    # Opened first: to read a large hub takes a minute.
    with files.replacing(output) as file:
        if not demo:
            note("Reading the hub ...")
        snapshot = source.snapshot()
        index = Index(snapshot)
        index.set_values_before(source.values_before(snapshot))
        now = snapshot.read_at if demo else dates.now()
        pages = report.linked(report.report_files(index, source.sparklines, now), output.name)
        _write(output, file, pages)
    size = sum(len(html.encode()) for html in pages.values())
    shown = f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"
    note(f"{display_path(output)}: {pluralize(len(snapshot.series), 'value')}, {shown}.")


def _write(output: Path, file: BinaryIO, pages: Mapping[str, str]) -> None:
    """Write the report to `file`, and what it links to next to `output`."""
    for name, html in pages.items():
        if name == output.name:
            file.write(html.encode())
        else:
            files.write(output.parent / name, html.encode())


def _open(hub: Hub, output: Path | None) -> None:
    pages = hub_report.fetch(hub, hub_report.REPORT if output is None else output.name)
    path = output or Path(tempfile.mkdtemp(prefix="ds-dashboard-report-")) / hub_report.REPORT
    with files.replacing(path) as file:
        _write(path, file, pages)
    note(f"{display_path(path)}: written by the hub. Opening it in the browser.")
    if not webbrowser.open(path.resolve().as_uri()):
        note("No browser was found on this machine. Open the file yourself.")
