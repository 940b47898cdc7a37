"""What the demo does in the central hub's account: `ds-dashboard` commands, as a user runs them."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from ds_dashboard_dev.demo_screen import command
from ds_dashboard_dev.failure import Failure
from ds_dashboard_local import RunningCloud

_PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.2
_PROGRAM = Path(sys.executable).with_name("ds-dashboard")


class Hub:
    """The central hub of the demo.

    Args:
        outputs: of `examples/local/accounts`.
    """

    def __init__(self, cloud: RunningCloud, account: str, outputs: Mapping[str, str]) -> None:
        self._environment = cloud.subprocess_environment(account)
        self._rejected = outputs["rejected_queue_url"]
        self._sqs = cloud.client("sqs", account)

    def run(self, *words: str) -> None:
        """Show a `ds-dashboard` command, and run it with what it prints."""
        command(f"ds-dashboard {' '.join(words)} --profile hub")
        if subprocess.run([_PROGRAM, *words], env=self._environment, check=False).returncode != 0:
            raise Failure(
                f"ds-dashboard {words[0]} failed.",
                cure="The log groups of ds-dashboard-extract and -archive say more; make demo KEEP=1 leaves them.",
            )

    def wait_for_rejected(self) -> None:
        """Wait until a message lies in the rejected queue, without taking it."""
        limit = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < limit:
            answer = self._sqs.get_queue_attributes(
                QueueUrl=self._rejected, AttributeNames=["ApproximateNumberOfMessages"]
            )
            if answer["Attributes"]["ApproximateNumberOfMessages"] != "0":
                return
            time.sleep(_POLL_SECONDS)
        raise Failure("The forged event did not reach the rejected queue in time.", cure="Please report this.")
