"""Journeys through the deployed system by its public interface, and through a new user's first commands."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from ds_dashboard_dev.checkout import CHECKOUT, venv_program

PORT = 4566
_PAGE = CHECKOUT / "docs" / "getting-started.md"
_BLOCK = re.compile(r"<!-- tests/journey runs this block as it is -->\n```sh\n(.*?)```", re.DOTALL)
_LATE = ["test_getting_started.py", "test_destroy.py"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the test that waits for the documented commands late, and the test that destroys the company last."""
    items.sort(key=lambda item: _LATE.index(item.path.name) + 1 if item.path.name in _LATE else 0)


@pytest.fixture(scope="session", autouse=True)
def documented_commands(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Future[dict[str, str]]]:
    """The output of each documented command for the local cloud.

    The commands run while the company is applied. Both wait for Terraform most of the time, so they take little longer
    together than alone.
    """
    if not any(item.path.name == "test_getting_started.py" for item in request.session.items):
        yield Future()
        return
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(_run_documented_commands, tmp_path_factory.mktemp("getting-started"))


def _run_documented_commands(folder: Path) -> dict[str, str]:
    """Run the block of docs/getting-started.md in one shell, and return the output of each command."""
    with socket.socket() as probe:
        in_use = probe.connect_ex(("127.0.0.1", PORT)) == 0
    assert not in_use, f"port {PORT} is in use; stop what uses it: .venv/bin/ds-dashboard local down --port {PORT}"
    (block,) = _BLOCK.findall(_PAGE.read_text())
    commands = [line for line in block.splitlines() if line.strip()]
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
        subprocess.run([venv_program("ds-dashboard"), "local", "down"], check=False)
        printed = "\n".join(outputs)
        raise AssertionError(f"exit code {done.returncode}\n{printed[-3000:]}\n{done.stderr[-3000:]}")
    return dict(zip(commands, outputs, strict=True))
