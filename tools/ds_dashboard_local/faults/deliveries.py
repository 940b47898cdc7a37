"""Deliveries that come more than once and in another order, as queues and event buses may deliver on AWS.

`redeliver`: a message that a function has processed is not deleted. It comes again within a second, at a random
position of the queue, with the same message id and a higher receive count. `duplicate`: a rule delivers an event to
each of its targets several times, with one event id.
"""

from __future__ import annotations

import random
import time
from typing import Any

from ministack.core.concurrency import esm_wake
from ministack.services import sqs

from ds_dashboard_local.engine.patching import wrap
from ds_dashboard_local.faults import active
from ds_dashboard_local.faults.call import Delivery
from ds_dashboard_local.faults.fault import DELIVERIES, Kind

_MAX_PAUSE = 0.5
_REMAINING = "_ds_dashboard_local_redeliveries"


def install() -> None:
    """Let messages run into faults when a function's poller deletes them."""
    wrap(sqs, "_delete_messages_for_esm", _delete_messages_for_esm)


def _delete_messages_for_esm(original: Any, queue_url: str, receipt_handles: set[str]) -> None:
    kept = _redelivered(queue_url, receipt_handles) if active.any_injected() else set()
    original(queue_url, receipt_handles - kept)


def copies(rule_arn: str, target_arn: str, bus: str) -> int:
    """Return how often an event is delivered to a target."""
    if not active.any_injected():
        return 1
    _, _, _, region, account, _ = rule_arn.split(":", 5)
    arns = [rule_arn, target_arn, f"arn:aws:events:{region}:{account}:event-bus/{bus}"]
    found = active.hit(Delivery((DELIVERIES[Kind.DUPLICATE],), account, region, arns), delivery=Kind.DUPLICATE)
    return found.fault.times if found else 1


def _redelivered(queue_url: str, receipt_handles: set[str]) -> set[str]:
    """Return the handles of the messages that come again, and make these visible."""
    kept = set()
    with sqs._queues_lock:
        queue = sqs._get_q(queue_url)
        for message in [one for one in queue["messages"] if one.get("receipt_handle") in receipt_handles]:
            if message.get(_REMAINING) is None:
                message[_REMAINING] = _redeliveries(queue["attributes"]["QueueArn"])
            if message[_REMAINING] > 0:
                message[_REMAINING] -= 1
                kept.add(message["receipt_handle"])
                message["visible_at"] = time.time() + random.uniform(0, _MAX_PAUSE)
                message["receipt_handle"] = None
        if kept and not queue["is_fifo"]:
            random.shuffle(queue["messages"])
    esm_wake.set()
    return kept


def _redeliveries(queue_arn: str) -> int:
    _, _, _, region, account, _ = queue_arn.split(":", 5)
    found = active.hit(Delivery((DELIVERIES[Kind.REDELIVER],), account, region, [queue_arn]), delivery=Kind.REDELIVER)
    return random.randint(1, found.fault.times) if found else 0
