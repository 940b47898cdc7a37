"""One demo at a time in a checkout: what another demo has in the folder of the demos, or on the port, is left alone."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from ds_dashboard.shell import command
from ds_dashboard_dev.checkout import Failure
from ds_dashboard_local import LocalCloudError, RunningCloud

_HOST = "127.0.0.1"


@contextmanager
def only_demo(work: Path, port: int) -> Iterator[None]:
    """Hold the lock of a demo's folder while the block runs. Nothing is removed before it is held.

    Args:
        work: The folder of the demo. The lock is a file beside it, which a demo that ends leaves there.
        port: Where the demo's local cloud will answer; 0 for a free port.

    Raises:
        Failure: Another demo runs in this checkout, one was kept running, or another program has the port.
    """
    work.parent.mkdir(parents=True, exist_ok=True)
    with work.with_name(f"{work.name}.lock").open("a+") as lock:
        try:
            # The system releases it when the process ends, however it ends.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            pid = lock.read().strip()
            raise Failure(
                f"Process {pid} runs a demo in this checkout.",
                fix=f"Wait until it ends, or stop it first: {command('kill', '-INT', pid)}",
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        _check_kept(work)
        _check_port(port)
        yield


def stop_command(endpoint: str) -> str:
    """Return the command that stops a local cloud, and deletes its data."""
    return command(".venv/bin/ds-dashboard", "local", "down", "--port", str(urlsplit(endpoint).port))


def _check_kept(work: Path) -> None:
    """Check that no earlier demo of this folder was left running."""
    address = work / "cloud" / "address"
    if not address.is_file():
        return
    kept = RunningCloud(address.read_text())
    # Another local cloud may answer at an address that was left by one that has ended.
    if _state(kept) == (work / "cloud").resolve():
        raise Failure(
            f"A demo of this checkout was left running, at {kept.endpoint} (make demo KEEP=1).",
            fix=f"Use it, or stop it first, which deletes its data: {stop_command(kept.endpoint)}",
        )


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        # As the local cloud does, which can have a port whose last connections are closing.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            state = _state(RunningCloud(f"http://{_HOST}:{port}"))
            owner = "another program" if state is None else f"a local cloud with its data in {state}"
            raise Failure(
                f"Port {port} is used by {owner}.", fix=f"Choose another port: make demo KEEP=1 PORT={port + 34}"
            ) from None


def _state(cloud: RunningCloud) -> Path | None:
    """Return the folder of a local cloud; None if none answers."""
    try:
        return Path(cloud.status()["state"]).resolve()
    except LocalCloudError:
        return None
