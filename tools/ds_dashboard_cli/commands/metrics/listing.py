"""`ds-dashboard metrics list`, which is what `ds-dashboard metrics` does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ds_dashboard.identity import DEFAULT_NAME
from ds_dashboard.metrics import permissions
from ds_dashboard.text import visible
from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.options import json_option, metric_folders_option
from ds_dashboard_cli.output import tables
from ds_dashboard_cli.output.streams import note, write_json
from ds_dashboard_cli.output.tables import Column, Row
from ds_dashboard_cli.packaging import policy
from ds_dashboard_cli.packaging.manifest_file import load_manifest

_EPILOG = """\b
Examples:
  ds-dashboard metrics list                              the metrics of this package, as without `list`
  ds-dashboard metrics NumberEndPointsInService          one of them
  ds-dashboard metrics --family inference                a family
  ds-dashboard metrics --metrics ./metrics               and your own
  ds-dashboard metrics --json | jq -r 'select(.unit == "Count") | .name'
  ds-dashboard metrics --policy @inference --account 111122223333 --region eu-west-1
  ds-dashboard metrics --policy SSMParameterValue --argument SSMParameterValue.parameter_name=/team/quality
"""

_COLUMNS = (
    Column("METRIC"),
    Column("UNIT"),
    Column("DESCRIPTION", folds=True),
    Column("ARGUMENTS", folds=True),
    Column("PERMISSIONS", folds=True),
)


@click.command("list", epilog=_EPILOG)
@click.argument("names", nargs=-1, metavar="[METRIC]...")
@metric_folders_option
@click.option(
    "--manifest",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="List the metrics of this manifest instead.",
)
@click.option("--family", "families", metavar="NAME", multiple=True, help="Only this family. May be repeated.")
@json_option
@click.option(
    "--policy",
    "as_policy",
    is_flag=True,
    help="Print the IAM policy that a spoke with these metrics has. Names are required.",
)
@click.option("--account", metavar="ID", help="With --policy: the spoke's account.")
@click.option("--region", metavar="REGION", help="With --policy: the spoke's region.")
@click.option("--partition", metavar="PARTITION", help="With --policy: aws, aws-cn, ...  [default: that of the region]")
@click.option(
    "--name",
    metavar="NAME",
    default=DEFAULT_NAME,
    show_default=True,
    help="With --policy: `name` of the spoke.",
)
@click.option("--project", metavar="NAME", help="With --policy: `project_name` of the spoke.")
@click.option("--environment", metavar="NAME", help="With --policy: `environment` of the spoke.")
@click.option(
    "--argument",
    "arguments",
    metavar="METRIC.ARGUMENT=VALUE",
    multiple=True,
    help="With --policy: an argument of a metric. May be repeated, also with several values.",
)
def list_command(
    names: tuple[str, ...],
    paths: tuple[Path, ...],
    file: Path | None,
    families: tuple[str, ...],
    as_json: bool,
    as_policy: bool,
    **spoke: Any,
) -> None:
    """List the metrics that a spoke can have: unit, description, arguments, permissions.

    A name such as @inference stands for all metrics of a family. The command needs no credentials and no network.
    """
    document = load_manifest(paths, file)
    metrics: dict[str, Any] = document["metrics"]
    chosen = policy.expand([*names, *(f"@{family}" for family in families)], metrics, as_in_a_spoke=as_policy)
    if as_policy:
        _print_policy(document, chosen, spoke)
        return
    selected = {name: metrics[name] for name in chosen} if chosen else metrics
    if as_json:
        for name, entry in selected.items():
            write_json({"name": name, **entry})
        return
    tables.print_table(_COLUMNS, (_row(name, entry) for name, entry in selected.items()))


def _print_policy(document: Mapping[str, Any], names: list[str], spoke: Mapping[str, Any]) -> None:
    if not names:
        raise UserError(
            "--policy", "needs the names of metrics.", "Add names, or a family such as @training.", usage=True
        )
    given: dict[str, dict[str, list[str]]] = {}
    for text in spoke["arguments"]:
        name, dot, rest = text.partition(".")
        argument, equals, value = rest.partition("=")
        if not (name and dot and argument and equals):
            raise UserError(
                f"--argument {text}", "is not METRIC.ARGUMENT=VALUE.", "Write Owner.parameter_name=/b.", usage=True
            )
        given.setdefault(name, {}).setdefault(argument, []).append(value)
    values = {
        "ACCOUNT_ID": spoke["account"],
        "REGION": spoke["region"],
        "PARTITION": spoke["partition"] or (spoke["region"] and _partition(spoke["region"])),
        "EVENT_BUS": f"{spoke['name']}-spoke",
        "PROJECT_NAME": spoke["project"],
        "ENVIRONMENT": spoke["environment"],
    }
    made = policy.build(
        document,
        policy.instances(names, given, document["metrics"]),
        {name: value for name, value in values.items() if value},
    )
    click.echo(json.dumps(made, indent=2, ensure_ascii=False))
    left = sorted(permissions.placeholders(made))
    if left:
        note(f"Not filled in: {', '.join(f'**{name}**' for name in left)}. See the options of --policy.")


def _partition(region: str) -> str:
    import botocore.session
    from botocore.exceptions import UnknownRegionError

    try:
        return str(botocore.session.get_session().get_partition_for_region(region))
    except UnknownRegionError as error:
        raise UserError(
            f"--region {region}", "is not a region of AWS.", "Pass --partition as well, or correct it."
        ) from error


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
