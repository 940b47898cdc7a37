"""`ds-dashboard report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ds_dashboard import dates
from ds_dashboard.text import pluralize
from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.options import hub_options
from ds_dashboard_cli.output.files import display_path
from ds_dashboard_cli.output.streams import note

if TYPE_CHECKING:
    from ds_dashboard.client import Hub

_EPILOG = """\b
Examples:
  ds-dashboard report -o report.html
  ds-dashboard report -o report.html --demo          made-up data, without AWS

\b
A hub with more than 20,000 series has a file for each project next to the one that is named, which links to them.
"""


@click.command("report", epilog=_EPILOG)
@click.option(
    "-o", "--output", "output", required=True, metavar="FILE", type=click.Path(path_type=Path), help="File to write."
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
def report_command(hub: Hub, output: Path, demo: bool, manifest_file: Path | None) -> None:
    """Write the newest values of a hub as one HTML file that needs no server, no network and no JavaScript."""
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
    source = open_source(hub, demo, manifest_file)
    if not demo:
        note("Reading the hub ...")
    snapshot = source.snapshot()
    index = Index(snapshot)
    index.set_values_before(source.values_before(snapshot))
    files = report.report_files(index, source.sparklines, snapshot.read_at if demo else dates.now())
    folder = output.with_name(f"{output.stem}-projects")
    try:
        if len(files) > 1:
            folder.mkdir(exist_ok=True)
        for name, html in files.items():
            path = output if name == "index.html" else folder / name
            text = html.replace('href="project-', f'href="{folder.name}/project-') if name == "index.html" else html
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(
            display_path(output), f"cannot be written: {error.strerror}.", "Choose another file."
        ) from error
    size = sum(len(html.encode()) for html in files.values())
    note(f"{display_path(output)}: {pluralize(len(snapshot.series), 'value')}, {size / 1e6:.1f} MB.")
