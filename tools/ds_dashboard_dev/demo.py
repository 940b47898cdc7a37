"""`make demo`: a hub and two spokes on a local cloud, from nothing to a table of values.

The real modules are applied with the real AWS provider, and the deployed package's handlers run under their roles.
"""

from __future__ import annotations

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
from ds_dashboard_dev.demo_screen import Steps, console, say
from ds_dashboard_dev.failure import Failure
from ds_dashboard_dev.memory import PeakMemory
from ds_dashboard_local import LocalCloud, LocalCloudError, RunningCloud

KEPT_PORT = 4566
_STEPS = 10


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


def run(start: Callable[[], LocalCloud], peak: PeakMemory, *, keep: bool) -> None:
    """Run the demo on the cloud that `start` starts; with `keep` leave everything running."""
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
    steps.begin("Ask all spokes for fresh values, and look")
    hub.run("refresh", "--wait")
    hub.run("latest")
    steps.begin("Train some more, ask again, and look back")
    world.train(cloud, range(123, 130))
    hub.run("refresh", "--wait")
    hub.run("history", "TotalCompletedTrainingJobs")
    with steps.step(
        "What goes wrong: a metric without permission, and a forged event",
        f"aws events put-events --profile search --entries '[{json.dumps(world.FORGED)}]'",
    ):
        world.forge(cloud, accounts.outputs()["spoke_bus_name"])
        hub.wait_for_rejected()
    hub.run("spokes", "--failures")
    say("A failure with a reason, and a gap in the chart; never a zero.")
    hub.run("rejected")
    say("It lies there as it was sent until somebody looks; the tables never saw it.")
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
        ".venv/bin/ds-dashboard latest     # or refresh --wait, spokes, history, export, rejected, doctor",
        "aws dynamodb scan --table-name ds-dashboard-latest",
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
        cloud = LocalCloud(port=KEPT_PORT if keep else 0, state=WORK / "cloud", detached=keep)
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
