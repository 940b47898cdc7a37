"""The documented commands for the local cloud, which start, use and stop the demo, and what remains of a destroy."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support import account_resources

from ds_dashboard_dev.checkout import CHECKOUT, venv_program
from ds_dashboard_dev.demo import company
from ds_dashboard_dev.terraform import Changes
from ds_dashboard_local import RunningCloud

PORT = 4566
_REGION = "eu-west-1"
_PAGE = CHECKOUT / "docs" / "getting-started.md"
_BLOCK = re.compile(r"<!-- tests/journey runs this block as it is -->\n```sh\n(.*?)```", re.DOTALL)
Listing = Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class FirstHour:
    """What happened.

    Attributes:
        outputs: The output of each command of the page.
        planned_again: The changes of a plan over the applied demo: of its accounts, and of its connections.
        applied: The resources of the demo: account -> kind -> names.
        left: The same after a destroy.
    """

    outputs: Mapping[str, str]
    planned_again: Sequence[Changes]
    applied: Listing
    left: Listing


def run(folder: Path) -> FirstHour:
    """Run the block of docs/getting-started.md in one shell. Before its last command, plan again and destroy."""
    with socket.socket() as probe:
        in_use = probe.connect_ex(("127.0.0.1", PORT)) == 0
    assert not in_use, f"port {PORT} is in use; stop what uses it: .venv/bin/ds-dashboard local down --port {PORT}"
    (block,) = _BLOCK.findall(_PAGE.read_text())
    *commands, stop = (line for line in block.splitlines() if line.strip())
    try:
        outputs = _in_one_shell(commands, folder / "commands")
        cloud = RunningCloud(f"http://127.0.0.1:{PORT}")
        built = {"manifest_path": company.WORK / "metrics.json", "package_path": company.WORK / "ds_dashboard.zip"}
        accounts = company.root("accounts", cloud, {name: str(path) for name, path in built.items()})
        connections = company.root("connections", cloud)
        planned_again = [accounts.plan(), connections.plan()]
        applied = _listing(cloud)
        for root in (connections, accounts):
            root.destroy("-refresh=false")
        left = _listing(cloud)
        return FirstHour({**outputs, **_in_one_shell([stop], folder / "stop")}, planned_again, applied, left)
    except BaseException:
        subprocess.run([venv_program("ds-dashboard"), "local", "down"], check=False)
        raise


def _in_one_shell(commands: Sequence[str], folder: Path) -> dict[str, str]:
    folder.mkdir()
    lines = [f"{{ {command.split('  #')[0]}\n}} > {folder}/{number}" for number, command in enumerate(commands)]
    # A make in a make would inherit the options and variables of the outer one.
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS", "AWS_"))}
    done = subprocess.run(
        ["bash", "-c", "\n".join(["set -euo pipefail", *lines])],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    outputs = [path.read_text() for path in sorted(folder.iterdir(), key=lambda path: int(path.name))]
    if done.returncode != 0:
        printed = "\n".join(outputs)
        raise AssertionError(f"exit code {done.returncode}\n{printed[-3000:]}\n{done.stderr[-3000:]}")
    return dict(zip(commands, outputs, strict=True))


def _listing(cloud: RunningCloud) -> Listing:
    return {account: account_resources.list_resources(cloud, account, _REGION) for account in company.PROFILES}
