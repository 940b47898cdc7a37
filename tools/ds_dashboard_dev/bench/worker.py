"""Calls a Lambda handler from an unpacked package and says how long each call took. A script, for a fresh process.

Its standard input is JSON: `task` (folder), `handler` (module), `set` (module -> attribute -> value, to be set
beforehand), and `rounds` (lists of events, each called in turn). It answers on standard output with the seconds of
each call, a list for each round.
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
    """What a handler asks of Lambda's context."""

    def get_remaining_time_in_millis(self) -> int:
        """As much as a function of five minutes has when it begins."""
        return 300_000


def main() -> None:
    """Do what standard input says."""
    job: dict[str, Any] = json.load(sys.stdin)
    sys.path.insert(0, job["task"])
    answer = os.fdopen(os.dup(1), "w")
    # Handlers write their logs and counts, as they do on Lambda, but nobody reads them here.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    logging.basicConfig(stream=sys.stdout)
    handler = importlib.import_module(job["handler"]).handler
    for module, attributes in job["set"].items():
        for name, value in attributes.items():
            setattr(importlib.import_module(module), name, value)
    seconds = [[_timed(handler, event) for event in events] for events in job["rounds"]]
    json.dump(seconds, answer)
    answer.close()


def _timed(handler: Any, event: Any) -> float:
    begun = time.perf_counter()
    handler(event, Context())
    return time.perf_counter() - begun


main()
