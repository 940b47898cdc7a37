"""Delivery of an event to the targets of a rule: permissions, retries, dead letters.

AWS asks the target's policy (queue, function) or the target's role (event bus) at each delivery; tries again for 24
hours and 185 times, or as the target's retry policy says, but not where a permission, the target or the role is
missing; then puts the event on the target's dead-letter queue, if that queue's policy lets it, with message attributes
that say why, and counts FailedInvocations, InvocationsSentToDLQ and InvocationsFailedToBeSentToDLQ.

The engine delivers once, asks no policy, and drops what fails.

Replaces `eventbridge._invoke_target`; kinds of targets other than buses, queues and functions stay the engine's.
Retries wait a fraction of a second here, doubling up to `LONGEST_PAUSE`, where AWS starts with about a second.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from pathlib import Path
from typing import Any

from ds_dashboard_local.engine.delivery import invoke_function, put_on_queue, require_queue_policy, start_function
from ds_dashboard_local.faults import deliveries
from ds_dashboard_local.gaps import event_bus_targets, event_numbers
from ds_dashboard_local.sender import DeliveryFailed, Sender, require_role
from ds_dashboard_local.service_metrics import count_of_events

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 30.0

GiveUp = Callable[[DeliveryFailed, int, str | None], None]

logger = logging.getLogger("ds_dashboard_local")


def close(engine: Any, state: Path) -> None:
    from ministack.services import eventbridge

    invoke_other = eventbridge._invoke_target

    def _invoke_target(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        arn = str(target.get("Arn", ""))
        service = arn.split(":")[2] if arn.count(":") >= 5 else ""
        if service not in ("sqs", "lambda") and ":event-bus/" not in arn:
            invoke_other(target, event, rule, view)
            return
        seen = view or eventbridge._pattern_event_view(event)
        sender = Sender("events.amazonaws.com", rule["Arn"], rule["Arn"].split(":")[4])
        dimensions = {"EventBusName": rule.get("EventBusName", "default"), "RuleName": rule["Name"]}

        def give_up(failure: DeliveryFailed, retries: int, condition: str | None) -> None:
            letter = event_numbers.text_of(event, seen)
            _dead_letter(failure, retries, condition, letter, target, sender, dimensions)

        for _ in range(deliveries.copies(rule["Arn"], arn, dimensions["EventBusName"])):
            attempt_and_retry(
                lambda: _attempt(target, event, rule, seen, sender), target.get("RetryPolicy") or {}, give_up
            )

    eventbridge._invoke_target = _invoke_target


def _attempt(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any, sender: Sender) -> None:
    arn, role = target["Arn"], target.get("RoleArn")
    given = event_numbers.input_of(target, event, rule, view)
    if ":event-bus/" in arn:
        event_bus_targets.forward(event, arn, role, sender, rule, given)
        return
    payload = event_numbers.text_of(event, view) if given is None else given
    _, _, service, region, account, _ = arn.split(":", 5)
    rule_region = sender.source_arn.split(":")[3]
    if (account, region) != (sender.account, rule_region):
        raise DeliveryFailed("NO_RESOURCE", f"{arn} is not in the account and region of the rule")
    if service == "sqs":
        if role:
            require_role(role, "sqs:SendMessage", arn, sender)
        else:
            require_queue_policy(arn, sender)
        put_on_queue(arn, payload, parameters=target.get("SqsParameters"))
        return
    try:
        parsed = json.loads(payload)
    except ValueError:
        parsed = payload
    if role:
        require_role(role, "lambda:InvokeFunction", arn, sender)
        start_function(arn, parsed)
    else:
        invoke_function(arn, parsed, sender)


def attempt_and_retry(attempt: Callable[[], None], policy: dict[str, Any], give_up: GiveUp) -> None:
    """Attempt now; go on in the background where AWS would try again, else give up.

    `give_up` gets the last failure, the number of retries, and the limit that ended them (None if it was no limit).
    """
    failure = _try(attempt)
    if failure is None:
        return
    attempts = int(policy.get("MaximumRetryAttempts", 185))
    age = int(policy.get("MaximumEventAgeInSeconds", 86_400))
    if not failure.retried or attempts == 0:
        give_up(failure, 0, "MaximumRetryAttempts" if failure.retried else None)
        return

    def go_on() -> None:
        last, begun, pause = failure, time.monotonic(), FIRST_PAUSE
        for number in range(1, attempts + 1):
            if time.monotonic() + pause - begun > age:
                give_up(last, number - 1, "MaximumEventAgeInSeconds")
                return
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            again = _try(attempt)
            if again is None:
                return
            last = again
            if not last.retried:
                give_up(last, number, None)
                return
        give_up(last, attempts, "MaximumRetryAttempts")

    threading.Thread(target=copy_context().run, args=(go_on,), daemon=True, name="delivery-retry").start()


def _try(attempt: Callable[[], None]) -> DeliveryFailed | None:
    try:
        attempt()
    except DeliveryFailed as failure:
        return failure
    except Exception as error:
        logger.exception("delivery failed inside the local cloud")
        return DeliveryFailed("INTERNAL_ERROR", str(error), retried=True)
    return None


def _dead_letter(
    failure: DeliveryFailed,
    retries: int,
    condition: str | None,
    letter: str,
    target: dict[str, Any],
    sender: Sender,
    dimensions: dict[str, str],
) -> None:
    logger.warning("%s -> %s: %s: %s", sender.source_arn, target["Arn"], failure.code, failure)
    count_of_events("FailedInvocations", dimensions)
    queue = (target.get("DeadLetterConfig") or {}).get("Arn")
    if not queue:
        return
    attributes = {
        "RULE_ARN": sender.source_arn,
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": failure.code,
        "ERROR_MESSAGE": str(failure),
        "RETRY_ATTEMPTS": str(retries),
    }
    if condition:
        attributes["EXHAUSTED_RETRY_CONDITION"] = condition
    try:
        require_queue_policy(queue, sender)
        put_on_queue(queue, letter, attributes)
    except DeliveryFailed as lost:
        logger.warning("dead letter of %s is lost: %s: %s", sender.source_arn, lost.code, lost)
        count_of_events("InvocationsFailedToBeSentToDlq", dimensions)
    else:
        count_of_events("InvocationsSentToDlq", dimensions)
