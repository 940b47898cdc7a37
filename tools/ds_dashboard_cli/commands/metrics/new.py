"""`ds-dashboard metrics new`."""

from __future__ import annotations

import keyword
import sys
from importlib.util import find_spec
from pathlib import Path

import click

from ds_dashboard import series
from ds_dashboard.shell import command
from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.output import files
from ds_dashboard_cli.output.files import display_path

_EPILOG = """\b
Examples:
  ds-dashboard metrics new NumberOfModels                metrics/number_of_models.py and its test
  ds-dashboard metrics new NumberOfModels --dir team
"""


@click.command("new", epilog=_EPILOG)
@click.argument("name", metavar="NAME")
@click.option(
    "--dir",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    default=Path("metrics"),
    show_default=True,
    help="The folder with your metrics. It is created if it does not exist.",
)
def new_command(name: str, folder: Path) -> None:
    """Write a metric of your own, and its test. Both work as they are: change what the metric reads.

    NAME is the name of the class and of the metric. Existing files are never overwritten.
    """
    from ds_dashboard_cli.authoring import templates

    module = templates.file_name(name)
    _check_name(name, module, folder)
    contents = {folder / f"{module}.py": templates.metric(name), folder / f"test_{module}.py": templates.test_of(name)}
    for path in contents:
        if path.exists():
            raise UserError(display_path(path), "exists already.", "Choose another name, or remove the file.")
    for path, text in contents.items():
        files.write(path, text.encode())
    shown = display_path(folder)
    click.echo("\n".join(display_path(path) for path in contents))
    click.echo(
        "\n".join(
            (
                "Next:",
                f"  {command('python', '-m', 'pytest', shown)}",
                f"  {command('ds-dashboard', 'metrics', 'check', shown)}",
                f"  {command('ds-dashboard', 'metrics', 'run', name, '--metrics', shown)}",
            )
        ),
        err=True,
    )


def _check_name(name: str, module: str, folder: Path) -> None:
    if not name.isidentifier() or keyword.iskeyword(name) or not name.isascii() or len(name) > series.MAX_NAME:
        raise UserError(
            f"metric {name}",
            "has a name that is not one of a Python class.",
            f"Use letters and digits, and at most {series.MAX_NAME} of them: NumberOfModels.",
            usage=True,
        )
    if not name[0].isupper():
        raise UserError(
            f"metric {name}",
            "does not begin with a capital letter, as classes do.",
            f"Write {name.lstrip('_')[:1].upper()}{name.lstrip('_')[1:]}.",
            usage=True,
        )
    if module in sys.stdlib_module_names or (find_spec(module) is not None and not (folder / f"{module}.py").exists()):
        raise UserError(
            f"metric {name}",
            f"would be in {module}.py, which would hide the Python module {module} from its test.",
            f"Choose a longer name, such as NumberOf{name}.",
            usage=True,
        )
    _check_not_taken(name, folder)


def _check_not_taken(name: str, folder: Path) -> None:
    from ds_dashboard.metrics import registry
    from ds_dashboard_cli.packaging.problems import top_level_classes

    fix = "The class name is the metric's name: choose another one."
    if name in (*registry.names(), "Metric"):
        raise UserError(f"metric {name}", "exists in ds-dashboard.", fix)
    for path in sorted(folder.rglob("*.py")):
        for known, line in top_level_classes(path):
            if known == name:
                raise UserError(f"metric {name}", f"exists in {display_path(path)}:{line}.", fix)
