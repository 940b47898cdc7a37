"""The environment of the server's process: what the engine reads, and nothing of the caller's."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from collections.abc import Mapping
from pathlib import Path

HOST = "127.0.0.1"
ENGINE_VERSION = "1.5.33"
DEFAULT_PORT = 4566
DEFAULT_REGION = "eu-west-1"
# Paths below it are the control API of the local cloud, which is no part of AWS.
CONTROL_PREFIX = "/_ds_dashboard_local/"
# The exit code of a server whose port is in use.
EXIT_PORT_IN_USE = 98

# Of the caller's environment only these pass. Credentials, profiles, proxies and DS_DASHBOARD_* would reach the
# Lambda workers, which inherit the server's environment.
_INHERITED = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "PYTHONPATH")


def default_state_folder(port: int) -> Path:
    """The folder of the local cloud on `port`: under XDG_STATE_HOME, else ~/.local/state."""
    base = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return Path(base) / "ds-dashboard" / "local" / str(port)


def process_environment(state: Path, caller: Mapping[str, str]) -> dict[str, str]:
    """The variables a server process starts with; every path in them lies inside `state`."""
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
    """The variables ministack reads when it is imported."""
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
        # No Docker, even where there is one: the engine would look for leftovers of its own and remove them.
        "DOCKER_HOST": f"unix://{state}/no-docker.sock",
        "LAMBDA_EXECUTOR": "local",
    }


def engine_fault() -> str | None:
    """Why the engine here cannot be used, with the cure; None if it can."""
    cure = "install it with: pip install 'ds-dashboard[local]'"
    try:
        found = importlib.metadata.version("ministack")
    except importlib.metadata.PackageNotFoundError:
        return f"ministack is not installed; {cure}"
    if found != ENGINE_VERSION:
        return f"ministack is {found}, and the bridge replaces functions of {ENGINE_VERSION} by name; {cure}"
    return None
