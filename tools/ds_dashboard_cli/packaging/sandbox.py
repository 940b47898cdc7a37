"""What a metric's file may not do while it is looked at: use credentials, a region, or the network.

The first half runs in the command, the second in the process that it starts to import the files.
"""

from __future__ import annotations

import os
import sys
from typing import Any

# Nobody's region: where it turns up in a permission, it was read at import.
REGION = "zz-manifest-1"


def environment() -> dict[str, str]:
    """The environment without anything of AWS in it but a made-up region and made-up keys."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "BOTO"))}
    return {
        **kept,
        "AWS_ACCESS_KEY_ID": "manifest",
        "AWS_SECRET_ACCESS_KEY": "manifest",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        # Sets that authors turn into lists have the same order every time.
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        # A user's folder is no place for __pycache__, and the current folder none to import from.
        "PYTHONSAFEPATH": "1",
        "PYTHONUTF8": "1",
    }


class NetworkRefused(Exception):
    """A metric's file used the network while it was imported."""


def refuse_network() -> None:
    """Refuse every network connection of this process from now on, botocore's with the name of the call."""
    import botocore.handlers

    # Every session registers these handlers when it is made, whoever makes it.
    botocore.handlers.BUILTIN_HANDLERS.append(("before-send", _refuse_call))
    sys.addaudithook(_refuse_socket)


def _refuse_call(event_name: str, **_: Any) -> None:
    service, operation = event_name.split(".")[1:3]
    raise NetworkRefused(f"{service} {operation} is called")


def _refuse_socket(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        raise NetworkRefused(f"a connection to {arguments[1][0]} is made")
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        raise NetworkRefused(f"the address of {arguments[0]} is looked up")
