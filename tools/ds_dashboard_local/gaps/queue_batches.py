"""IAM for batches on queues.

On AWS SendMessageBatch, DeleteMessageBatch and ChangeMessageVisibilityBatch are no actions of IAM: a policy allows them
by the action for one message.

The engine asks for an action of the call's own name.

Registers the names with the `authorization` gap.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ds_dashboard_local.gaps.authorization import authorized_as


def close(engine: Any, state: Path) -> None:
    for action in ("SendMessage", "DeleteMessage", "ChangeMessageVisibility"):
        authorized_as(f"sqs:{action}Batch", f"sqs:{action}")
