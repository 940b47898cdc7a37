"""`ds-dashboard package`."""

from __future__ import annotations

from pathlib import Path

import click

from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.output import atomic_files
from ds_dashboard_cli.packaging import manifest, package
from ds_dashboard_cli.packaging.checkout import checkout, display_path
from ds_dashboard_cli.packaging.metric_folders import folders

# What AWS takes: an upload as part of a request, and a function's code altogether.
_UPLOAD_LIMIT = 50 * 1024 * 1024
_CODE_LIMIT = 250 * 1024 * 1024

_EPILOG = """\b
Examples:
  ds-dashboard package                                  in a checkout: lambda_src/dist/ds_dashboard.zip
  ds-dashboard package --metrics ./metrics -o ds_dashboard.zip
  ds-dashboard package --metrics ./metrics --requirements requirements.txt -o ds_dashboard.zip
"""


@click.command("package", epilog=_EPILOG)
@click.option(
    "--metrics",
    "paths",
    metavar="DIR",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A folder with metrics of your own; may be repeated.",
)
@click.option(
    "-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="The zip; FILE.json goes with it."
)
@click.option(
    "--requirements",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="What your metrics import, pinned and with hashes.",
)
@click.option(
    "--architecture",
    type=click.Choice(["arm64", "x86_64"]),
    default="arm64",
    show_default=True,
    help="The functions' architecture, for dependencies with native code.",
)
def package_command(paths: tuple[Path, ...], output: Path | None, requirements: Path | None, architecture: str) -> None:
    """Write the archive that the functions run from, and FILE.json, which tells Terraform what is in it.

    The same sources give the same bytes on every machine.
    """
    home = checkout()
    if output is None:
        if home is None or paths:
            raise UserError(
                "-o",
                "is missing: there is no default outside a checkout or with --metrics.",
                "Add for example -o ds_dashboard.zip, and give the spoke package_path.",
                usage=True,
            )
        output = home.package
    default = home is not None and output == home.package
    own = folders(paths)
    built = manifest.build(own)
    told = output.with_name(f"{output.name}.json")
    earlier = {output.resolve(), told.resolve()}
    content = package.archive(package.contents(built, own, requirements, architecture, earlier))
    if len(content) > _CODE_LIMIT:
        raise UserError(
            display_path(output),
            f"would have {len(content) / 2**20:.0f} MB; a function's code has at most 250.",
            "Take something out of the folders or the requirements, or put it into a Lambda layer.",
        )
    atomic_files.write(output, content)
    atomic_files.write(told, package.sidecar(content, built))
    click.echo(f"{display_path(output)}: {len(built['metrics'])} metrics, {len(content) / 1024:.0f} KB", err=True)
    if default and home and not atomic_files.is_text(home.manifest, manifest.render(built)):
        click.echo(f"{display_path(home.manifest)} says something else than this package: run make manifest.", err=True)
    if len(content) > _UPLOAD_LIMIT:
        click.echo("It is too large for an upload with the function: put it into S3 and use package_s3.", err=True)
