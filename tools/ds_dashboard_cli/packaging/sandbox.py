"""A separate process for importing metrics, without credentials, region or network.

Importing a metric's file runs the author's code with the rights of the person who runs the command. What this module
does finds mistakes; it does not contain code that wants to do harm. The command starts a module with `run`, and that
module calls `serve`, which blocks the network before anything of the author is imported.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.packaging.metric_folders import MetricFolder

# A region that does not exist: a permission that contains it was computed from the environment during the import.
REGION = "zz-manifest-1"
_TIMEOUT_SECONDS = 120
_calls_blocked = True
# What Python, its extension modules and temporary files need. Tokens and credentials have many other names.
_KEPT = re.compile(
    "PATH|HOME|USER|LOGNAME|TMPDIR|TEMP|TMP|TZ|LANG|LANGUAGE|LC_[A-Z]+|VIRTUAL_ENV|PYTHON[A-Z]+"
    "|LD_LIBRARY_PATH|DYLD_LIBRARY_PATH|SYSTEMROOT|USERPROFILE"
)


class NetworkBlocked(Exception):
    """A metric's file used the network during its import."""


def run(
    module: str,
    request: dict[str, Any],
    during: str,
    timeout: int = _TIMEOUT_SECONDS,
    options: Sequence[str] = ("-m",),
    region: str = REGION,
) -> dict[str, Any]:
    """Run a module in a process of its own.

    Args:
        module: calls `serve`; a file with other options.
        request: what it gets.
        during: what it does, for messages: "import".
        timeout: the longest time, in seconds.
        options: Python's options before the module.
        region: the region in its environment.

    Returns:
        What it answers.

    Raises:
        UserError: the process did not end in time, or ended without an answer.
    """
    try:
        process = subprocess.run(
            [sys.executable, *options, module],
            input=json.dumps(request),
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=_environment(region),
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UserError(
            "Metrics",
            f"the {during} is still running after {timeout} s.",
            "Look for a loop or a wait at the top level of a file.",
        ) from error
    if process.returncode != 0 or not process.stdout:
        raise UserError(
            "Metrics",
            f"the process of the {during} ended with exit code {process.returncode}.",
            "See its output above. A file must not end the process during its import.",
        )
    result: dict[str, Any] = json.loads(process.stdout)
    return result


def request_for(folders: Sequence[MetricFolder]) -> dict[str, Any]:
    """Return a request about folders with metrics."""
    return {"folders": [[str(folder.path), folder.name] for folder in folders]}


def folders_of(request: Mapping[str, Any]) -> list[MetricFolder]:
    """Return the folders of a request."""
    return [MetricFolder(Path(path), name) for path, name in request["folders"]]


def serve(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Answer the request of this process, without a network."""
    # Files that print during their import must not garble the answer.
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    request = json.load(sys.stdin)
    block_network()
    result = answer(request)
    with channel:
        json.dump(result, channel)


def _environment(region: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if _KEPT.fullmatch(name)}
    return {
        **kept,
        "AWS_ACCESS_KEY_ID": "manifest",
        "AWS_SECRET_ACCESS_KEY": "manifest",
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        # Sets that authors turn into lists have the same order every time.
        "PYTHONHASHSEED": "0",
        # Leave no __pycache__ in a user's folder, and import nothing from the current folder.
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONSAFEPATH": "1",
        "PYTHONUTF8": "1",
    }


def block_network() -> None:
    """Block every network connection of this process from now on; errors of boto3 clients name the API call."""
    import botocore.handlers

    # Every session registers these handlers when it is created, whoever creates it.
    botocore.handlers.BUILTIN_HANDLERS.append(("before-send", _block_call))
    sys.addaudithook(_block_socket)


def allow_answered_calls() -> None:
    """Allow calls of boto3 from now on, which something in this process answers, such as moto. Connections are not."""
    global _calls_blocked
    _calls_blocked = False


def _block_call(event_name: str, **_: Any) -> None:
    if not _calls_blocked:
        return
    service, operation = event_name.split(".")[1:3]
    raise NetworkBlocked(f"calls {service} {operation}")


def _block_socket(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        raise NetworkBlocked(f"connects to {arguments[1][0]}")
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        raise NetworkBlocked(f"looks up the address of {arguments[0]}")
