"""`make demo`: a hub and two spokes on a local cloud, from nothing to a table of values.

The real modules are applied with the real AWS provider, and the deployed package's handlers run under their roles.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from ds_dashboard_dev import demo_world as world
from ds_dashboard_dev import terraform
from ds_dashboard_dev.demo_hub import Hub
from ds_dashboard_dev.demo_root import EXAMPLE, WORK, Root
from ds_dashboard_dev.demo_screen import Steps, console, say, show, tell
from ds_dashboard_dev.failure import Failure
from ds_dashboard_dev.memory import PeakMemory
from ds_dashboard_local.cloud import LocalCloud, LocalCloudError, RunningCloud

KEPT_PORT = 4566
SPOKES = 2
_STEPS = 10
_VALUE_COLUMNS = {"Spoke": "Project", "MetricName": "Metric", "MetricValue": "Value", "Extracted": "Extracted"}


def _package() -> dict[str, str]:
    paths = {"manifest_path": str(WORK / "metrics.json"), "package_path": str(WORK / "ds_dashboard.zip")}
    command = Path(sys.executable).with_name("ds-dashboard")
    for what, path in zip(("manifest", "package"), paths.values(), strict=True):
        done = subprocess.run(
            [command, what, "--metrics", EXAMPLE / "metrics", "-o", path], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise Failure(f"ds-dashboard {what} failed: {done.stderr.strip()}", cure="The message above says why.")
    return paths


def _refresh(hub: Hub) -> None:
    refresh_id = hub.refresh()
    with console.status("waiting for the spokes' answers") as status:

        def progress(answered: int, values: int) -> None:
            status.update(f"waiting: {answered} of {SPOKES} spokes have answered, {values} values have arrived")

        hub.wait_for(refresh_id, SPOKES, progress)
    say(f"refresh {refresh_id}: {SPOKES} of {SPOKES} spokes have answered")


def _show_latest(hub: Hub) -> None:
    rows = sorted(hub.items("latest_table_name"), key=lambda item: (item["Project"], item["MetricName"]))
    show("Current values", rows, _VALUE_COLUMNS)


def _show_failures(hub: Hub) -> None:
    for item in hub.items("spokes_table_name"):
        for metric, failure in item.get("Failures", {}).items():
            tell(f"Failure of {item['Spoke']}, {metric}: {failure['ErrorType']}", failure["ErrorMessage"])


def run(start: Callable[[], LocalCloud], peak: PeakMemory, *, keep: bool) -> None:
    """Run the demo on the cloud that ``start`` starts; with ``keep`` leave everything running."""
    steps = Steps(of=_STEPS - keep)
    with steps.step(
        "Build the Lambda package, with a metric from a folder of one's own in it",
        "ds-dashboard manifest --metrics examples/local/metrics -o metrics.json",
        "ds-dashboard package --metrics examples/local/metrics -o ds_dashboard.zip",
    ):
        paths = _package()
    with steps.step("Start a local cloud, and let the projects' accounts do some work"):
        cloud = start()
        world.train(cloud, range(0, 123))
        world.serve(cloud, range(0, 3))
    say(f"an AWS on this machine answers at {cloud.endpoint}: 123 training jobs, 3 endpoints")
    accounts = Root("accounts", cloud, paths)
    connections = Root("connections", cloud, {})
    with steps.step(
        "Apply two hubs and two spokes in three accounts",
        "terraform apply     # modules/hub in the hub's account, modules/spoke in each spoke's",
    ):
        say("(the provider waits 25 s for each queue, on AWS too)")
        accounts.apply()
    hub = Hub(cloud, world.HUB, accounts.outputs())
    with steps.step("Say who reports to whom", *(parameter.command() for parameter in world.REGISTRY)):
        world.register(cloud)
    with steps.step(
        "Connect, stage one: every account lets the other side in",
        "terraform apply -var stage=permissions     # modules/connection, in each account",
    ):
        connections.apply(stage="permissions")
    with steps.step(
        "Connect, stage two: every account forwards to the other side",
        "terraform apply     # modules/connection, in each account",
    ):
        connections.apply(stage="forwarding")
    invoke = "aws lambda invoke --function-name ds-dashboard-refresh --profile hub answer.json"
    with steps.step("Ask all spokes for fresh values", invoke):
        _refresh(hub)
    _show_latest(hub)
    with steps.step("Train some more, and ask again", invoke):
        world.train(cloud, range(123, 130))
        _refresh(hub)
    show("History of one metric", hub.history("TotalCompletedTrainingJobs"), _VALUE_COLUMNS)
    with steps.step(
        "What goes wrong: a metric without permission, and a forged event",
        f"aws events put-events --profile search --entries '[{json.dumps(world.FORGED)}]'",
    ):
        world.forge(cloud, accounts.outputs()["spoke_bus_name"])
        rejected = hub.wait_for_rejected()
    _show_failures(hub)
    say("It is a failure with a reason, and a gap in the chart; never a zero.")
    tell("Rejected event, with the reason beside it", rejected["Reason"], rejected["Body"])
    say("It lies in the rejected queue until somebody looks; the tables never saw it.")
    if keep:
        _say_how_to_talk_to_it(cloud, hub)
    else:
        with steps.step("Destroy all of it, connections first", "terraform destroy"):
            connections.destroy()
            accounts.destroy()
            cloud.stop()
    memory = "" if peak.megabytes is None else f" and at most {peak.megabytes / 1024:.1f} GB of memory"
    console.print(f"\n[bold]The demo took {steps.total_seconds():.0f} s{memory}.[/bold]")


def _say_how_to_talk_to_it(cloud: RunningCloud, hub: Hub) -> None:
    console.print(f"\n[bold]It is still running, at {cloud.endpoint}.[/bold] To talk to it:")
    for command in (
        f'eval "$(.venv/bin/ds-dashboard local env --account {world.HUB} --port {KEPT_PORT})"',
        "aws dynamodb scan --table-name ds-dashboard-latest",
        "aws lambda invoke --function-name ds-dashboard-refresh answer.json && cat answer.json",
        f"terraform output -state={WORK.relative_to(terraform.CHECKOUT)}/accounts.tfstate",
        f".venv/bin/ds-dashboard local down --port {KEPT_PORT}     # stops and forgets everything",
    ):
        console.print(f"     [dim]$[/dim] [cyan]{command}[/cyan]", soft_wrap=True)


def main() -> int:
    """Run the demo; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave everything running at the end (make demo KEEP=1)")
    keep = parser.parse_args().keep
    started: list[LocalCloud] = []

    def start() -> LocalCloud:
        cloud = LocalCloud(port=KEPT_PORT, state=WORK / "cloud", detached=True) if keep else LocalCloud()
        started.append(cloud.start())
        return cloud

    try:
        if _kept_demo_answers():
            raise Failure(
                f"A demo that was kept is still running on port {KEPT_PORT}.",
                cure=f"Stop it first: .venv/bin/ds-dashboard local down --port {KEPT_PORT}",
            )
        shutil.rmtree(WORK, ignore_errors=True)
        WORK.mkdir(parents=True)
        with PeakMemory(os.getpid()) as peak:
            run(start, peak, keep=keep)
    except (Failure, LocalCloudError) as error:
        console.print(f"[bold red]The demo failed.[/bold red] {error}", markup=True)
        code = 1
    except KeyboardInterrupt:
        console.print("\nStopped.")
        code = 130
    else:
        return 0
    for cloud in started:
        cloud.stop()
    return code


def _kept_demo_answers() -> bool:
    address = WORK / "cloud" / "address"
    if not address.is_file():
        return False
    try:
        RunningCloud(address.read_text()).status()
    except LocalCloudError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
