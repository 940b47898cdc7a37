"""The end of the server: on a signal, at the end of standard input, and by force if it does not end by itself."""

from __future__ import annotations

import asyncio
import faulthandler
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

# Within the ten seconds after which a client kills the server.
_GRACE_SECONDS = 7.0
_MAX_CLEANING_SECONDS = 2.5
_EXIT_BY_FORCE = 1


class Shutdown:
    """Tells the server to end, and ends the process if the server is stuck.

    An event loop that is busy in the engine forever would neither see the signal nor the end of standard input, and
    the process would outlive the one that started it.

    Attributes:
        requested: Set when the server is to end.
    """

    def __init__(self, clean_up: Callable[[], None]) -> None:
        """Listen to SIGTERM and SIGINT; create it in the main thread, while the event loop runs.

        Args:
            clean_up: Called before the process is ended by force, in another thread than the event loop's.
        """
        self.requested = asyncio.Event()
        self._clean_up = clean_up
        self._loop = asyncio.get_running_loop()
        self._begun = False
        # Not `add_signal_handler`, whose handler runs in the event loop.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def follow_stdin(self) -> None:
        """End when standard input is closed."""
        threading.Thread(target=self._wait_for_end_of_stdin, daemon=True, name="stdin").start()

    def _on_signal(self, *_: Any) -> None:
        self._request()

    def _wait_for_end_of_stdin(self) -> None:
        while sys.stdin.buffer.read(1024):
            pass
        self._request()

    def _request(self) -> None:
        self._loop.call_soon_threadsafe(self.requested.set)
        if not self._begun:
            self._begun = True
            threading.Thread(target=self._end_by_force, daemon=True, name="end-by-force").start()

    def _end_by_force(self) -> None:
        time.sleep(_GRACE_SECONDS)
        sys.stderr.write(f"the server did not end within {_GRACE_SECONDS:g} s and is ended; its threads:\n")
        faulthandler.dump_traceback()
        cleaning = threading.Thread(target=self._clean_up, daemon=True)
        cleaning.start()
        cleaning.join(_MAX_CLEANING_SECONDS)
        os._exit(_EXIT_BY_FORCE)
