"""`ds-dashboard manifest`."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.output import atomic_files
from ds_dashboard_cli.packaging import catalogue, manifest
from ds_dashboard_cli.packaging.checkout import checkout, display_path
from ds_dashboard_cli.packaging.metric_folders import folders

_EPILOG = """\b
Examples:
  ds-dashboard manifest                                 in a checkout: modules/spoke/metrics.json and docs/metrics.md
  ds-dashboard manifest --metrics ./metrics -o metrics.json
  ds-dashboard manifest --metrics ./metrics -o metrics.json --check
"""


@click.command("manifest", epilog=_EPILOG)
@click.option(
    "--metrics",
    "paths",
    metavar="DIR",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A folder with metrics of your own; may be repeated.",
)
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Where to write; - for stdout.")
@click.option("--markdown", metavar="FILE", type=click.Path(path_type=Path), help="Write the catalogue, to read, too.")
@click.option("--check", is_flag=True, help="Write nothing; fail if what would be written differs from what is there.")
def manifest_command(paths: tuple[Path, ...], output: Path | None, markdown: Path | None, check: bool) -> None:
    """Write the manifest that Terraform reads: what each metric is, asks for and can be told.

    Needs no credentials and no network: metrics are imported, not run.
    """
    home = checkout()
    if output is None:
        if home is None or paths:
            raise UserError(
                "-o",
                "is missing: there is no default outside a checkout or with --metrics.",
                "Add for example -o metrics.json, and give the spoke manifest_path.",
                usage=True,
            )
        output, markdown = home.manifest, markdown or home.catalogue
        mend = "make manifest"
    else:
        mend = shlex.join(_command(paths, output, markdown))
    built = manifest.build(folders(paths))
    text = manifest.render(built)
    if str(output) == "-":
        click.echo(text, nl=False)
        return
    wanted = {output: text} | ({markdown: catalogue.render(built)} if markdown else {})
    stale = [path for path, content in wanted.items() if not atomic_files.is_text(path, content)]
    if check and stale:
        raise UserError(
            ", ".join(display_path(path) for path in stale),
            "not what the metrics say now." if all(path.exists() for path in stale) else "missing, or not up to date.",
            f"Run: {mend}",
        )
    for path in stale:
        atomic_files.write(path, wanted[path].encode())
    state = "up to date" if not stale else "written"
    click.echo(f"{display_path(output)}: {len(built['metrics'])} metrics, {state}", err=True)


def _command(paths: tuple[Path, ...], output: Path, markdown: Path | None) -> list[str]:
    words = ["ds-dashboard", "manifest"]
    for path in paths:
        words += ["--metrics", str(path)]
    words += ["-o", str(output)]
    return words + (["--markdown", str(markdown)] if markdown else [])
