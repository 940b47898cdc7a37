"""Defaults, and the environment of the server's process: what the engine reads, and nothing of the caller's."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

HOST = "127.0.0.1"
ENGINE_VERSION = "1.5.33"
DEFAULT_PORT = 4566
DEFAULT_REGION = "eu-west-1"
# Of every region: the engine's ARNs have it.
PARTITION = "aws"
# The control API of the local cloud is served below this path.
CONTROL_PREFIX = "/_ds_dashboard_local/"
# The exit code of a server whose port is in use.
EXIT_PORT_IN_USE = 98
# The folder of the packages that AWS's Python runtime has; `gaps/awslambda/worker_prologue.py` reads it in each worker.
WORKER_PACKAGES_VARIABLE = "_DS_DASHBOARD_LOCAL_PYTHON"

# Only these variables of the caller pass. Credentials, profiles, proxies and DS_DASHBOARD_* would reach the Lambda
# workers, which inherit the server's environment.
_INHERITED = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "PYTHONPATH")


def default_state_folder(port: int) -> Path:
    """Return the folder of the local cloud on `port`: under XDG_STATE_HOME, else ~/.local/state.

    A user without a home, as in many containers, gets one below the folder for temporary files.
    """
    home = os.path.expanduser("~")
    state = os.path.join(home, ".local", "state") if os.path.isabs(home) else tempfile.gettempdir()
    base = os.environ.get("XDG_STATE_HOME") or state
    return Path(base) / "ds-dashboard" / "local" / str(port)


def process_environment(state: Path, caller: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a server process starts with; every path of its own in them is inside `state`."""
    inherited = {name: caller[name] for name in _INHERITED if name in caller}
    return {
        **inherited,
        "HOME": str(state),
        "TMPDIR": str(state / "tmp"),
        "TZ": "UTC",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        # A package installed in editable mode is found through the virtual environment, not through this.
        "VIRTUAL_ENV": sys.prefix,
    }


def engine_environment(state: Path, port: int) -> dict[str, str]:
    """Return the variables that the engine reads when it is imported, and the server's own."""
    return {
        "AUTH": "true",
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": DEFAULT_REGION,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(state / "engine"),
        "S3_DATA_DIR": str(state / "s3"),
        # Without Docker: the engine would look for containers of its own and remove them.
        "DOCKER_HOST": f"unix://{state}/no-docker.sock",
        "LAMBDA_EXECUTOR": "local",
        WORKER_PACKAGES_VARIABLE: str(state / "python"),
    }


def remove_leftovers(state: Path) -> None:
    """Remove what a server wrote into its folder, but for its log and its address."""
    for leftover in ("tmp", "engine", "s3", "python"):
        shutil.rmtree(state / leftover, ignore_errors=True)


def engine_error() -> str | None:
    """Return why the installed engine cannot be used, with the fix, or None if it can."""
    fix = "install it with: pip install 'ds-dashboard[local]'"
    try:
        found = importlib.metadata.version("ministack")
    except importlib.metadata.PackageNotFoundError:
        return f"ministack is not installed; {fix}"
    if found != ENGINE_VERSION:
        return f"ministack is {found}, and the patches are for {ENGINE_VERSION}; {fix}"
    return None
