"""`ds-dashboard metrics`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from ds_dashboard.text import visible
from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.options import json_option, metric_folders_option
from ds_dashboard_cli.output import tables
from ds_dashboard_cli.output.files import display_path
from ds_dashboard_cli.output.streams import write_json
from ds_dashboard_cli.output.tables import Column, Row
from ds_dashboard_cli.packaging.checkout import checkout

_EPILOG = """\b
Examples:
  ds-dashboard metrics                                   the metrics of this package
  ds-dashboard metrics NumberEndPointsInService          one of them
  ds-dashboard metrics --metrics ./metrics               and your own
  ds-dashboard metrics --json | jq -r 'select(.unit == "Count") | .name'
"""

_COLUMNS = (
    Column("METRIC"),
    Column("UNIT"),
    Column("DESCRIPTION", folds=True),
    Column("ARGUMENTS", folds=True),
    Column("PERMISSIONS", folds=True),
)


@click.command("metrics", epilog=_EPILOG)
@click.argument("names", nargs=-1, metavar="[METRIC]...")
@metric_folders_option
@click.option(
    "--manifest",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="List the metrics of this manifest instead.",
)
@json_option
def metrics_command(names: tuple[str, ...], paths: tuple[Path, ...], file: Path | None, as_json: bool) -> None:
    """List the metrics that a spoke can have: unit, description, arguments, permissions.

    The command needs no credentials and no network.
    """
    metrics = _select(_load(paths, file), names)
    if as_json:
        for name, entry in metrics.items():
            write_json({"name": name, **entry})
        return
    tables.print_table(_COLUMNS, (_row(name, entry) for name, entry in metrics.items()))


def _load(paths: tuple[Path, ...], file: Path | None) -> dict[str, Any]:
    if paths and file:
        raise UserError("--metrics, --manifest", "exclude each other.", "Pass one of them.", usage=True)
    home = checkout()
    file = file or (home.manifest if home and not paths else None)
    if file is not None:
        return _read(file)
    from ds_dashboard_cli.packaging import manifest
    from ds_dashboard_cli.packaging.metric_folders import resolve_folders

    metrics: dict[str, Any] = manifest.build(resolve_folders(paths))["metrics"]
    return metrics


def _read(file: Path) -> dict[str, Any]:
    try:
        metrics = json.loads(file.read_text(encoding="utf-8"))["metrics"]
        if not all(_is_entry(entry) for entry in metrics.values()):
            raise TypeError
    except OSError as error:
        raise UserError(
            display_path(file), f"cannot be read: {error.strerror}.", "Run: ds-dashboard manifest"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            display_path(file), "is not a valid manifest.", "Write one with: ds-dashboard manifest -o FILE"
        ) from error
    return dict(metrics)


def _is_entry(entry: Any) -> bool:
    return all(key in entry for key in ("unit", "description", "arguments", "permissions"))


def _select(metrics: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    for name in names:
        if name not in metrics:
            near = get_close_matches(name, metrics, n=3)
            remedy = f"Did you mean {' or '.join(near)}?" if near else "List all metrics with: ds-dashboard metrics"
            raise UserError(f"metric {name}", "does not exist.", remedy)
    return {name: metrics[name] for name in names} if names else metrics


def _row(name: str, entry: Mapping[str, Any]) -> Row:
    arguments = [_argument(argument, spec) for argument, spec in entry["arguments"].items()]
    permissions = [
        f"{', '.join(one['Action'])} on {', '.join(one['Resource'])}{' (conditions)' if 'Condition' in one else ''}"
        for one in entry["permissions"]
    ]
    texts = (name, entry["unit"], entry["description"], "; ".join(arguments), "; ".join(permissions))
    return Row([visible(text) for text in texts])


def _argument(name: str, spec: Mapping[str, Any]) -> str:
    default = "required" if spec["required"] else f"default {json.dumps(spec.get('default'), ensure_ascii=False)}"
    return f"{name} ({spec['type']}, {default})"
