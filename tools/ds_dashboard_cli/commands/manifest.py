"""`ds-dashboard manifest`."""

from __future__ import annotations

from pathlib import Path

import click

from ds_dashboard.shell import command
from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.options import metric_folders_option
from ds_dashboard_cli.output import files
from ds_dashboard_cli.output.files import display_path
from ds_dashboard_cli.output.streams import note
from ds_dashboard_cli.packaging import catalogue, manifest, skipped
from ds_dashboard_cli.packaging.checkout import checkout
from ds_dashboard_cli.packaging.metric_folders import resolve_folders

_EPILOG = """\b
Examples:
  ds-dashboard manifest                                 in a checkout: modules/spoke/metrics.json and docs/metrics.md
  ds-dashboard manifest --metrics ./metrics -o metrics.json
  ds-dashboard manifest --metrics ./metrics -o metrics.json --check
"""


@click.command("manifest", epilog=_EPILOG)
@metric_folders_option
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="The output file; - for stdout.")
@click.option(
    "--markdown", metavar="FILE", type=click.Path(path_type=Path), help="Also write the catalogue of metrics to FILE."
)
@click.option("--check", is_flag=True, help="Write nothing, and fail if a file is missing or not up to date.")
def manifest_command(paths: tuple[Path, ...], output: Path | None, markdown: Path | None, check: bool) -> None:
    """Write the manifest: description, unit, permissions and arguments of each metric, for Terraform.

    Needs no credentials and no network: metrics are imported, not run.
    """
    home = checkout()
    if output is None:
        if home is None or paths:
            raise UserError(
                "-o",
                "is required with --metrics, and outside a checkout.",
                "For example, add -o metrics.json, and set manifest_path of the spoke to this file.",
                usage=True,
            )
        output, markdown = home.manifest, markdown or home.catalogue
        fix = "make manifest"
    else:
        fix = command(*_words(paths, output, markdown))
    folders = resolve_folders(paths)
    for line in skipped.describe(folders):
        note(line)
    built = manifest.build(folders)
    text = manifest.render_json(built)
    if str(output) == "-":
        click.echo(text, nl=False)
        return
    contents = {output: text} | ({markdown: catalogue.render(built)} if markdown else {})
    stale = [path for path, content in contents.items() if not files.has_text(path, content)]
    if check and stale:
        raise UserError(
            ", ".join(display_path(path) for path in stale),
            "not up to date." if all(path.exists() for path in stale) else "missing, or not up to date.",
            f"Run: {fix}",
        )
    for path in stale:
        files.write(path, contents[path].encode())
    state = "up to date" if not stale else "written"
    click.echo(f"{display_path(output)}: {len(built['metrics'])} metrics, {state}", err=True)


def _words(paths: tuple[Path, ...], output: Path, markdown: Path | None) -> list[str]:
    words = ["ds-dashboard", "manifest"]
    for path in paths:
        words += ["--metrics", str(path)]
    words += ["-o", str(output)]
    return words + (["--markdown", str(markdown)] if markdown else [])
