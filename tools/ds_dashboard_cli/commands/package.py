"""`ds-dashboard package`."""

from __future__ import annotations

from pathlib import Path

import click

from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.options import metric_folders_option
from ds_dashboard_cli.output import files
from ds_dashboard_cli.output.files import display_path
from ds_dashboard_cli.output.streams import note
from ds_dashboard_cli.packaging import isolation, manifest, package, skipped
from ds_dashboard_cli.packaging.checkout import checkout
from ds_dashboard_cli.packaging.metric_folders import resolve_folders

# Quotas of Lambda: an upload in a request, and the code of a function.
_MAX_UPLOAD_BYTES = 50 * 1024 * 1024
_MAX_CODE_BYTES = 250 * 1024 * 1024

_EPILOG = """\b
Examples:
  ds-dashboard package                                  in a checkout: lambda_src/dist/ds_dashboard.zip
  ds-dashboard package --metrics ./metrics -o ds_dashboard.zip
  ds-dashboard package --metrics ./metrics --requirements requirements.txt -o ds_dashboard.zip
"""


@click.command("package", epilog=_EPILOG)
@metric_folders_option
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The zip file. FILE.json is written as well.",
)
@click.option(
    "--requirements",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The dependencies of your metrics, with pinned versions and hashes.",
)
@click.option(
    "--architecture",
    type=click.Choice(["arm64", "x86_64"]),
    default="arm64",
    show_default=True,
    help="The architecture of the functions, for dependencies with native code.",
)
def package_command(paths: tuple[Path, ...], output: Path | None, requirements: Path | None, architecture: str) -> None:
    """Write the package: a zip with the code of all functions, and FILE.json, which describes it to Terraform.

    The same sources give the same bytes on every machine. What the metrics import must be in the package, in Python's
    standard library, or in boto3.
    """
    home = checkout()
    if output is None:
        if home is None or paths:
            raise UserError(
                "-o",
                "is required with --metrics, and outside a checkout.",
                "For example, add -o ds_dashboard.zip, and set package_path of the spoke to this file.",
                usage=True,
            )
        output = home.package
    is_default = home is not None and output == home.package
    folders = resolve_folders(paths)
    for line in skipped.describe(folders):
        note(line)
    built = manifest.build(folders)
    metadata = output.with_name(f"{output.name}.json")
    earlier = {output.resolve(), metadata.resolve()}
    contents = package.collect(built, folders, requirements, architecture, exclude=earlier)
    for line in isolation.check(contents, built, folders, requirements):
        note(line)
    content = package.build_zip(contents)
    size = sum(map(len, contents.values()))
    if size > _MAX_CODE_BYTES:
        raise UserError(
            display_path(output),
            f"would have {size / 2**20:.0f} MB; the code of a function can have at most 250 MB.",
            "Remove files from the folders or the requirements, or move them to a Lambda layer.",
        )
    files.write(output, content)
    files.write(metadata, package.render_metadata(content, built))
    click.echo(f"{display_path(output)}: {len(built['metrics'])} metrics, {len(content) / 1024:.0f} KB", err=True)
    if is_default and home and not files.has_text(home.manifest, manifest.render_json(built)):
        click.echo(f"{display_path(home.manifest)} does not match this package. Run: make manifest", err=True)
    if len(content) > _MAX_UPLOAD_BYTES:
        click.echo("The file is too large for a direct upload: put it into S3 and use package_s3.", err=True)
