"""A script for a fresh process: calls a Lambda handler from an unpacked package, and prints how long each call took.

It reads a job from standard input as JSON: `folder` (the package), `handler` (a module), `patches` (module -> attribute
-> value, set before the first call), and `rounds` (lists of events, each passed to the handler in turn). It prints the
seconds of each call as JSON, a list for each round. It imports nothing of this package, as a function does not.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
import time
from typing import Any


class Context:
    """The part of Lambda's context that handlers use."""

    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:ds-dashboard-extract"

    def get_remaining_time_in_millis(self) -> int:
        """Return the time that a function with a timeout of five minutes has when it starts."""
        return 300_000


def main() -> None:
    """Run the job."""
    job: dict[str, Any] = json.load(sys.stdin)
    sys.path.insert(0, job["folder"])
    answer = os.fdopen(os.dup(1), "w")
    # Handlers write their logs and counts as they do on Lambda, but nobody reads them here.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    logging.basicConfig(stream=sys.stdout)
    handler = importlib.import_module(job["handler"]).handler
    for module, attributes in job["patches"].items():
        for name, value in attributes.items():
            _patch(importlib.import_module(module), name, value)
    seconds = [[_timed(handler, event) for event in events] for events in job["rounds"]]
    json.dump(seconds, answer)
    answer.close()


def _patch(module: Any, name: str, value: Any) -> None:
    # setattr alone would create a name that was renamed in the code, and measure without the patch.
    getattr(module, name)
    setattr(module, name, value)


def _timed(handler: Any, event: Any) -> float:
    started = time.perf_counter()
    handler(event, Context())
    return time.perf_counter() - started


main()
