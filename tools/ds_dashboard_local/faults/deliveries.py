"""Deliveries that come more than once and in another order, as queues and event buses promise no better.

`redeliver`: a message that a function has worked off is not deleted. It comes again within a second, at a random place
of the queue, under the same message id and with a higher receive count. `duplicate`: a rule delivers an event to each
of its targets several times, under one event id.

Replaces `sqs._delete_messages_for_esm`, and is asked by the `target_delivery` gap.
"""

from __future__ import annotations

import random
import time
from typing import Any

from ds_dashboard_local.faults import active
from ds_dashboard_local.faults.call import Delivery
from ds_dashboard_local.faults.fault import DELIVERIES, Kind

_LATEST = 0.5
_LEFT = "_ds_dashboard_local_redeliveries"


def install(engine: Any) -> None:
    """Let messages run into faults where a function's poller deletes them."""
    from ministack.services import sqs

    delete = sqs._delete_messages_for_esm

    def _delete_messages_for_esm(queue_url: str, receipt_handles: set[str]) -> None:
        kept = _kept(queue_url, receipt_handles) if active.any_set() else set()
        delete(queue_url, receipt_handles - kept)

    sqs._delete_messages_for_esm = _delete_messages_for_esm


def copies(rule_arn: str, target_arn: str, bus: str) -> int:
    """How often an event is delivered to a target."""
    if not active.any_set():
        return 1
    _, _, _, region, account, _ = rule_arn.split(":", 5)
    arns = [rule_arn, target_arn, f"arn:aws:events:{region}:{account}:event-bus/{bus}"]
    found = active.hit(Delivery((DELIVERIES[Kind.DUPLICATE],), account, region, arns), delivery=Kind.DUPLICATE)
    return found.fault.times if found else 1


def _kept(queue_url: str, receipt_handles: set[str]) -> set[str]:
    from ministack.core.concurrency import esm_wake
    from ministack.services import sqs

    kept = set()
    with sqs._queues_lock:
        queue = sqs._get_q(queue_url)
        for message in [one for one in queue["messages"] if one.get("receipt_handle") in receipt_handles]:
            if message.get(_LEFT) is None:
                message[_LEFT] = _redeliveries(queue["attributes"]["QueueArn"])
            if message[_LEFT] > 0:
                message[_LEFT] -= 1
                kept.add(message["receipt_handle"])
                message["visible_at"] = time.time() + random.uniform(0, _LATEST)
                message["receipt_handle"] = None
        if kept and not queue["is_fifo"]:
            random.shuffle(queue["messages"])
    esm_wake.set()
    return kept


def _redeliveries(queue_arn: str) -> int:
    _, _, _, region, account, _ = queue_arn.split(":", 5)
    found = active.hit(Delivery((DELIVERIES[Kind.REDELIVER],), account, region, [queue_arn]), delivery=Kind.REDELIVER)
    return random.randint(1, found.fault.times) if found else 0
