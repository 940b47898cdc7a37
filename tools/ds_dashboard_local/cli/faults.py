"""The commands `ds-dashboard local fault inject`, `list` and `clear`."""

from __future__ import annotations

import json
from typing import Any

import click

from ds_dashboard_local.cli.common import call, port_option
from ds_dashboard_local.faults.fault import Kind

_json = click.option("--json", "as_json", is_flag=True, help="One JSON array.")


_SHOWN = {"id", "call", "kind", "hits", "over"}


@click.group()
def fault() -> None:
    """Inject faults into calls of AWS APIs, to test how your system reacts.

    \b
    ds-dashboard local fault inject dynamodb:BatchExecuteStatement --code ThrottlingException --count 20
    ds-dashboard local fault inject 'ssm:*' --kind reset --caller '*-archive' --duration 60
    ds-dashboard local fault list
    ds-dashboard local fault clear
    """


@fault.command()
@click.argument("call", required=False)
@port_option
@click.option(
    "--kind",
    type=click.Choice([str(kind) for kind in Kind]),
    default=str(Kind.ERROR),
    show_default=True,
    help="error: rejected with a code. delay: executed late. reset: connection cut. hang: not answered. "
    "lost: executed, connection cut before the answer. partial: some entries of a batch fail. kill: executed, and the "
    "calling function's process is killed. redeliver: messages are delivered again. duplicate: so are events.",
)
@click.option("--code", help="The error's code, for example ThrottlingException.  [default: ServiceUnavailable]")
@click.option("--message", help="The error's message.")
@click.option("--status", type=int, help="The error's HTTP status.  [default: by its code]")
@click.option("--delay", type=float, metavar="SECONDS", help="How late, for the kind delay.")
@click.option("--entries", type=int, help="How many entries of each batch fail, for the kind partial.  [default: all]")
@click.option("--times", type=int, help="How often, for the kinds redeliver and duplicate.  [default: 2]")
@click.option("--account", metavar="ID", help="Only calls of this account.")
@click.option("--region", metavar="REGION", help="Only calls of this region.")
@click.option("--caller", metavar="PATTERN", help="Only calls by this role or user: its ARN or its name.")
@click.option("--resource", metavar="PATTERN", help="Only calls that name this resource: its ARN or its name.")
@click.option("--skip", type=int, help="Let this many calls pass first.")
@click.option("--count", type=int, help="End after this many calls.  [default: until it is cleared]")
@click.option("--duration", type=float, metavar="SECONDS", help="End after this many seconds.")
@click.option("--chance", type=float, help="Hit this share of the calls, such as 0.1.")
@click.option("--seed", type=int, help="The seed of the random numbers for --chance.")
def inject(port: int, **given: Any) -> None:
    """Inject a fault on CALL, written as service:Operation, and print its id.

    The names are those of IAM or boto3 (sqs:SendMessageBatch, lambda:Invoke); * and ? are wildcards. The kinds
    redeliver and duplicate need no CALL.

    \b
    ds-dashboard local fault inject dynamodb:UpdateItem --code AccessDeniedException --resource ds-dashboard-latest
    ds-dashboard local fault inject events:PutEvents --kind partial --entries 3 --count 1
    ds-dashboard local fault inject events:PutEvents --kind lost --account 222222222222 --count 1
    ds-dashboard local fault inject dynamodb:BatchExecuteStatement --kind kill --caller '*-archive' --skip 2 --count 1
    ds-dashboard local fault inject --kind redeliver --resource ds-dashboard-events --times 5
    """
    settings_given = {name: value for name, value in given.items() if value is not None}
    injected = call(port, lambda cloud: {"id": cloud.fault(**settings_given).id})
    click.echo(json.dumps(injected))


@fault.command("list")
@port_option
@_json
def list_(port: int, as_json: bool) -> None:
    """List the faults that are not cleared, with their hits so far.

    \b
    ds-dashboard local fault list
    ds-dashboard local fault list --json
    """
    found = call(port, lambda cloud: cloud.faults())
    _show(found, as_json, "There is no fault.")


@fault.command()
@click.argument("identifier", required=False, type=int, metavar="[ID]")
@port_option
@_json
def clear(identifier: int | None, port: int, as_json: bool) -> None:
    """Clear the fault with this id, or all, and print what was cleared.

    \b
    ds-dashboard local fault clear
    ds-dashboard local fault clear 3
    """
    cleared = call(port, lambda cloud: cloud.lift_faults(identifier))
    _show(cleared, as_json, "There was no fault.")


def _show(faults: list[dict[str, Any]], as_json: bool, none: str) -> None:
    if as_json:
        click.echo(json.dumps(faults))
        return
    if not faults:
        click.echo(none, err=True)
    for one in faults:
        state = "over" if one["over"] else "active"
        start = f"{one['id']:>4}  {state:<6}  {one['hits']:>6} hits  {one['kind']:<9}  {one['call']}"
        click.echo("  ".join([start, *(f"{name}={value}" for name, value in one.items() if name not in _SHOWN)]))
