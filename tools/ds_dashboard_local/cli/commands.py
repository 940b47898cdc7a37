"""The commands `ds-dashboard local up`, `down`, `status`, `env` and `fire-schedule`."""

from __future__ import annotations

import json
import os
import shlex
import signal
import threading
import time
from pathlib import Path

import click

from ds_dashboard_local import LocalCloud, LocalCloudError, settings
from ds_dashboard_local.cli.common import call, fail, port_option, running_cloud
from ds_dashboard_local.cli.faults import fault
from ds_dashboard_local.client.cloud import is_running
from ds_dashboard_local.engine import organizations

EXIT_NOT_RUNNING = 3

account_option = click.option("--account", required=True, metavar="ID", help="The account, 12 digits of your choice.")
region_option = click.option(
    "--region", default=settings.DEFAULT_REGION, show_default=True, help="The region.", metavar="REGION"
)


@click.group()
def local() -> None:
    """Run an AWS on this machine: no account, no Docker, no cost.

    \b
    ds-dashboard local up --detach
    eval "$(ds-dashboard local env --account 111111111111)"
    aws sqs list-queues        # or terraform apply, or your own program
    ds-dashboard local down
    """


local.add_command(fault)


def _members(context: click.Context, parameter: click.Parameter, flags: tuple[str, ...]) -> dict[str, list[str]]:
    try:
        return dict(organizations.parse_flag(flag) for flag in flags)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@local.command()
@port_option
@click.option("--state", type=click.Path(path_type=Path), help="The only folder it writes to.  [default: by port]")
@click.option(
    "--organization",
    "members",
    multiple=True,
    callback=_members,
    metavar="ID=ACCOUNT,...",
    help="The accounts of an organization; may be repeated.",
)
@click.option("--detach", is_flag=True, help="Return when it is ready and leave it running.")
def up(port: int, state: Path | None, members: dict[str, list[str]], detach: bool) -> None:
    """Start the local cloud; without --detach it runs until Ctrl-C.

    Everything in it is deleted when it stops.

    \b
    ds-dashboard local up
    ds-dashboard local up --detach --port 4600
    ds-dashboard local up --organization o-abc1234567=111111111111,222222222222
    """
    folder = state or settings.default_state_folder(port)
    cloud = LocalCloud(port=port, state=folder, organizations=members, detached=detach)
    # Before the start, so that Ctrl-C works while it starts.
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        cloud.start()
    except LocalCloudError as error:
        fail(str(error))
    click.echo(f"The local cloud answers at {cloud.endpoint}, its log is {cloud.log_file}", err=True)
    if detach:
        return
    click.echo("Ctrl-C stops it.", err=True)
    while not stopped.wait(0.5):
        if cloud.ended():
            fail(f"the local cloud has ended; see {cloud.log_file}")
    cloud.stop()


@local.command()
@port_option
def down(port: int) -> None:
    """Stop the local cloud on a port, if one runs.

    \b
    ds-dashboard local down
    ds-dashboard local down --port 4600
    """
    try:
        pid = int(running_cloud(port).status()["pid"])
    except LocalCloudError as error:
        click.echo(f"Nothing to stop: {error}", err=True)
        return
    os.kill(pid, signal.SIGTERM)
    limit = time.monotonic() + 15
    while is_running(pid):
        if time.monotonic() > limit:
            fail(f"process {pid} does not stop; end it with: kill -9 {pid}")
        time.sleep(0.05)
    click.echo(f"The local cloud on port {port} has stopped.", err=True)


@local.command()
@port_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def status(port: int, as_json: bool) -> None:
    """Show whether it runs: exit code 0 if it does, 3 if not.

    \b
    ds-dashboard local status
    ds-dashboard local status --json
    """
    found = call(port, lambda cloud: cloud.status(), EXIT_NOT_RUNNING)
    found["endpoint"] = f"http://{settings.HOST}:{port}"
    if as_json:
        click.echo(json.dumps(found))
    else:
        for name, value in found.items():
            click.echo(f"{name}: {value}")


@local.command()
@port_option
@account_option
@region_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of export lines.")
def env(port: int, account: str, region: str, as_json: bool) -> None:
    """Print the variables with which the AWS CLI v2, SDKs and Terraform use the local cloud, as the root of an account.

    \b
    eval "$(ds-dashboard local env --account 111111111111)"
    ds-dashboard local env --account 111111111111 --region us-east-1 --json
    """
    _check_account(account)
    cloud = running_cloud(port)
    variables = cloud.environment(account, region)
    if as_json:
        click.echo(json.dumps(variables, indent=2))
        return
    click.echo(f"unset {shlex.join(cloud.variables_to_unset(account))}")
    for name, value in variables.items():
        click.echo(f"export {name}={shlex.quote(value)}")


@local.command("fire-schedule")
@click.argument("name")
@port_option
@account_option
@region_option
@click.option("--group", metavar="NAME", help="The schedule's group, if two groups have a schedule of that name.")
def fire_schedule(name: str, port: int, account: str, region: str, group: str | None) -> None:
    """Fire a schedule of EventBridge Scheduler, or a rule with a schedule expression, now.

    \b
    ds-dashboard local fire-schedule ds-dashboard-extract --account 111111111111
    """
    _check_account(account)
    fired = call(port, lambda cloud: cloud.fire_schedule(name, account, region, group))
    click.echo(json.dumps(fired))


def _check_account(account: str) -> None:
    if not (account.isdigit() and len(account) == 12):
        raise click.BadParameter(f"{account!r} is not an account id: 12 digits", param_hint="--account")
