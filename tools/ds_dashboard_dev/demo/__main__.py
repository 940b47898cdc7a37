"""`make demo`: two hubs and two spokes on a local cloud, from nothing to a table of values.

Terraform applies the real modules with the real AWS provider. The deployed package's handlers run under their roles.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

from ds_dashboard_dev.checkout import CHECKOUT, Failure, build_with_metrics, venv_program
from ds_dashboard_dev.demo import company, work
from ds_dashboard_dev.demo.company import EXAMPLE, WORK
from ds_dashboard_dev.demo.guard import only_demo, stop_command
from ds_dashboard_dev.demo.screen import PeakMemory, Steps, command, console, say
from ds_dashboard_local import LocalCloud, LocalCloudError, RunningCloud

KEPT_PORT = 4566
_STEPS = 13
_TIMEOUT_SECONDS = 60.0
_POLL_SECONDS = 0.2


class Hub:
    """The central hub of the demo, and the `ds-dashboard` commands of a user in its account.

    Args:
        cloud: Where it runs.
        outputs: The outputs of `examples/local/accounts`.
    """

    def __init__(self, cloud: RunningCloud, outputs: Mapping[str, str]) -> None:
        self._environment = cloud.subprocess_environment(company.HUB)
        self._rejected = outputs["rejected_queue_url"]
        self._sqs = cloud.client("sqs", company.HUB)

    def run(self, *words: str) -> None:
        """Print a `ds-dashboard` command and run it, with its output.

        Raises:
            Failure: The command failed.
        """
        command(f"ds-dashboard {shlex.join(words)} --profile hub")
        if subprocess.run([venv_program("ds-dashboard"), *words], env=self._environment, check=False).returncode != 0:
            raise Failure(
                f"ds-dashboard {words[0]} failed.",
                fix="Run make demo KEEP=1, and read the log groups of ds-dashboard-extract and ds-dashboard-archive.",
            )

    def wait_for_rejected(self) -> None:
        """Wait until the rejected queue has a message, without receiving it.

        Raises:
            Failure: No message arrived within a minute.
        """
        deadline = time.monotonic() + _TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            answer = self._sqs.get_queue_attributes(
                QueueUrl=self._rejected, AttributeNames=["ApproximateNumberOfMessages"]
            )
            if answer["Attributes"]["ApproximateNumberOfMessages"] != "0":
                return
            time.sleep(_POLL_SECONDS)
        raise Failure("The forged event did not reach the rejected queue in time.", fix="Please report this.")


def run(start: Callable[[], LocalCloud], peak: PeakMemory, *, keep: bool) -> None:
    """Run the demo on the cloud that `start` starts. With `keep`, leave everything running."""
    steps = Steps(of=_STEPS - keep)
    with steps.step(
        "Build the Lambda package, with a metric from your own folder",
        "ds-dashboard manifest --metrics examples/local/metrics -o metrics.json",
        "ds-dashboard package --metrics examples/local/metrics -o ds_dashboard.zip",
    ):
        built = build_with_metrics(WORK, EXAMPLE / "metrics")
    with steps.step(f"Start a local cloud with accounts that have worked for {work.DAYS} days"):
        cloud = start()
        work.have_worked(cloud)
    say(f"The local cloud answers at {cloud.endpoint}.")
    say("Forecasting has training jobs in every state, notebooks, a model registry and costs; Search has endpoints.")
    accounts = company.root("accounts", cloud, built)
    connections = company.root("connections", cloud)
    with steps.step(
        "Apply two hubs and two spokes in three accounts",
        "terraform apply     # modules/hub in the hub's account, modules/spoke in each spoke's",
    ):
        say("(The provider waits 25 s for each queue, as it does on AWS.)")
        accounts.apply()
    outputs = accounts.outputs()
    hub = Hub(cloud, outputs)
    with steps.step("Register who reports to whom", *(parameter.command() for parameter in company.REGISTRY)):
        company.register(cloud)
    with steps.step(
        "Connect, stage one: every account permits the other to send events",
        "terraform apply -var stage=permissions     # modules/connection, in each account",
    ):
        connections.apply(stage="permissions")
    with steps.step(
        "Connect, stage two: every account forwards its events",
        "terraform apply     # modules/connection, in each account",
    ):
        connections.apply(stage="forwarding")
    steps.begin("Refresh the values of all spokes, and show them")
    hub.run("refresh", "--wait")
    hub.run("latest")
    steps.begin("What is in these values?")
    hub.run("latest", "--metrics", "TrainingBillableSeconds24h,ModelPackagesByApproval,IdleEndpoints7d", "--breakdown")
    steps.begin("Ask for another value with an argument at run time")
    hub.run("refresh", "--projects", "Forecasting", "--argument", "ModelQuality.metric_name=test:accuracy", "--wait")
    hub.run("latest", "--metrics", "ModelQuality,ModelQuality(metric_name=test:accuracy)")
    steps.begin(f"Compute the values of the last {work.DAYS} days, and show the curve")
    hub.run(
        "backfill", "--projects", "Forecasting", "--metrics", "TrainingBillableSeconds24h", "--since", f"{work.DAYS}d"
    )
    hub.run("history", "TrainingBillableSeconds24h", "--since", f"{work.DAYS}d", "--plot")
    steps.begin("Train more, refresh again, and show the history")
    work.train(cloud, range(work.COMPLETED, work.COMPLETED + 7))
    hub.run("refresh", "--wait")
    hub.run("history", "TotalCompletedTrainingJobs")
    with steps.step(
        "Failures: a metric without permission, and a forged event",
        f"aws events put-events --profile search --entries '[{json.dumps(company.FORGED)}]'",
    ):
        company.forge(cloud, outputs["spoke_bus_name"])
        hub.wait_for_rejected()
    hub.run("spokes", "--failures")
    say("The failure has a reason. The chart has a gap and not a zero.")
    hub.run("rejected")
    say("The event stays in this queue unchanged until an operator handles it. It never reached the tables.")
    if keep:
        _print_next_commands(cloud)
    else:
        with steps.step("Destroy everything, connections first", "terraform destroy"):
            connections.destroy()
            accounts.destroy()
            cloud.stop()
    memory = "" if peak.megabytes is None else f" and at most {peak.megabytes / 1024:.1f} GB of memory"
    console.print(f"\n[bold]The demo took {steps.total_seconds():.0f} s{memory}.[/bold]")


def _print_next_commands(cloud: RunningCloud) -> None:
    port = cloud.endpoint.rpartition(":")[2]
    console.print(f"\n[bold]It is still running at {cloud.endpoint}.[/bold] Commands to try:")
    for words in (
        f'eval "$(.venv/bin/ds-dashboard local env --account {company.HUB} --port {port})"',
        ".venv/bin/ds-dashboard latest     # or refresh --wait, spokes, history, export, rejected, doctor",
        ".venv/bin/ds-dashboard web        # the same in the browser",
        "aws dynamodb scan --table-name ds-dashboard-latest",
        f"terraform output -state={WORK.relative_to(CHECKOUT)}/accounts.tfstate",
        f"{stop_command(cloud.endpoint)}     # stops it and deletes its data",
    ):
        console.print(f"     [dim]$[/dim] [cyan]{words}[/cyan]", soft_wrap=True)


def main() -> int:
    """Run the demo, and return the exit code."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave everything running at the end (make demo KEEP=1)")
    parser.add_argument("--port", type=_port, metavar="PORT", help="the port of the local cloud (make demo PORT=4600)")
    options = parser.parse_args()
    keep = options.keep
    port = options.port or (KEPT_PORT if keep else 0)
    started: list[LocalCloud] = []

    def start() -> LocalCloud:
        cloud = LocalCloud(port=port, state=WORK / "cloud", detached=keep)
        started.append(cloud.start())
        return cloud

    try:
        with only_demo(WORK, port), PeakMemory() as peak:
            shutil.rmtree(WORK, ignore_errors=True)
            WORK.mkdir(parents=True)
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


def _port(text: str) -> int:
    if not (text.isdecimal() and 0 < int(text) < 2**16):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: use a number from 1 to 65535, such as 4600")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
