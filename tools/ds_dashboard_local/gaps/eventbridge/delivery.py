"""Delivery of events to the targets of rules, and replays, which deliver once more."""

from __future__ import annotations

import json
import logging
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import eventbridge

from ds_dashboard_local.engine.delivery import (
    invoke_function,
    invoke_function_for,
    require_queue_policy,
    send_message,
)
from ds_dashboard_local.engine.patching import gap, wrap
from ds_dashboard_local.engine.permissions import Sender, require_role
from ds_dashboard_local.engine.retries import DeliveryFailed, attempt_and_retry
from ds_dashboard_local.faults import deliveries
from ds_dashboard_local.gaps.cloudwatch.metrics import count_deliveries
from ds_dashboard_local.gaps.eventbridge.put_events import event_text
from ds_dashboard_local.gaps.eventbridge.targets import forward

logger = logging.getLogger("ds_dashboard_local")


@gap
def target_delivery() -> None:
    """Deliver to a target with its permissions, retries and dead-letter queue.

    AWS: evaluates the policy of the target (queue, function) or its role (bus) at each delivery; a rule forwards to a
    bus of another account or region when the role's trust, the role's policies and the bus's policy all allow it, and
    only once (`THIRD_ACCOUNT_HOP_DETECTED`). A detail arrives with the digits that it was sent with. AWS retries for 24
    hours and 185 times, or as the target's retry policy says, but not if a permission, the target or the role is
    missing. Then it sends the event to the target's dead-letter queue, if that queue's policy allows it, with
    `RULE_ARN`, `TARGET_ARN`, `ERROR_CODE`, `ERROR_MESSAGE`, `RETRY_ATTEMPTS` and `EXHAUSTED_RETRY_CONDITION`, and
    counts FailedInvocations, InvocationsSentToDlq and InvocationsFailedToBeSentToDlq. A queue rejects a message over
    its MaximumMessageSize, and characters outside of SQS's set (U+FFFE and U+FFFF, which JSON allows), as a target and
    as a dead-letter queue: an event that both reject is lost.

    Engine: delivers once, evaluates no policy, drops what fails and what goes to a bus of another account or region,
    and rounds the numbers of a detail. Targets other than buses, queues and functions are still delivered by the
    engine.
    """
    wrap(eventbridge, "_invoke_target", _invoke_target)


def _invoke_target(
    original: Any, target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None
) -> None:
    arn = str(target.get("Arn", ""))
    service = arn.split(":")[2] if arn.count(":") >= 5 else ""
    if service not in ("sqs", "lambda") and ":event-bus/" not in arn:
        original(target, event, rule, view)
        return
    seen = view or eventbridge._pattern_event_view(event)
    sender = Sender("events.amazonaws.com", rule["Arn"], rule["Arn"].split(":")[4])
    dimensions = {"EventBusName": rule.get("EventBusName", "default"), "RuleName": rule["Name"]}

    def give_up(failure: DeliveryFailed, retries: int, condition: str | None) -> None:
        logger.warning("%s -> %s: %s: %s", rule["Arn"], arn, failure.code, failure)
        count_deliveries("FailedInvocations", dimensions)
        attributes = {
            "RULE_ARN": rule["Arn"],
            "TARGET_ARN": arn,
            "ERROR_CODE": failure.code,
            "ERROR_MESSAGE": str(failure),
            "RETRY_ATTEMPTS": str(retries),
        }
        if condition:
            attributes["EXHAUSTED_RETRY_CONDITION"] = condition
        queue = (target.get("DeadLetterConfig") or {}).get("Arn")
        _send_dead_letter(queue, event_text(event, seen), attributes, sender, dimensions)

    for _ in range(deliveries.copies(rule["Arn"], arn, dimensions["EventBusName"])):
        attempt_and_retry(lambda: _attempt(target, event, rule, seen, sender), target.get("RetryPolicy") or {}, give_up)


def _attempt(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any, sender: Sender) -> None:
    arn, role = target["Arn"], target.get("RoleArn")
    replacement = _input(target, event, rule, view)
    if ":event-bus/" in arn:
        forward(event, arn, role, sender, rule, replacement)
        return
    payload = event_text(event, view) if replacement is None else replacement
    _, _, service, region, account, _ = arn.split(":", 5)
    rule_region = sender.source_arn.split(":")[3]
    if (account, region) != (sender.account, rule_region):
        raise DeliveryFailed("NO_RESOURCE", f"{arn} is not in the account and region of the rule")
    if service == "sqs":
        if role:
            require_role(role, "sqs:SendMessage", arn, sender)
        else:
            require_queue_policy(arn, sender)
        send_message(arn, payload, parameters=target.get("SqsParameters"))
        return
    try:
        parsed = json.loads(payload)
    except ValueError:
        parsed = payload
    if role:
        require_role(role, "lambda:InvokeFunction", arn, sender)
        invoke_function(arn, parsed)
    else:
        invoke_function_for(sender, arn, parsed)


def _input(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any) -> str | None:
    """The target's input in place of the event; None if the target receives the event itself."""
    if target.get("InputTransformer"):
        return str(eventbridge._apply_input_transformer(target["InputTransformer"], rule, view))
    if target.get("Input"):
        return str(target["Input"])
    path = target.get("InputPath")
    if not path or path == "$":
        return None
    if path == "$.detail" and isinstance(event.get("Detail"), str):
        return str(event["Detail"])
    value: Any = view.event_with_detail()
    for part in path.removeprefix("$.").split("."):
        if not isinstance(value, dict) or part not in value:
            return None
        value = value[part]
    return json.dumps(value)


def _send_dead_letter(
    queue: str | None, body: str, attributes: dict[str, str], sender: Sender, dimensions: dict[str, str]
) -> None:
    if not queue:
        return
    try:
        require_queue_policy(queue, sender)
        send_message(queue, body, attributes)
    except DeliveryFailed as failure:
        logger.warning("dead letter of %s is lost: %s: %s", sender.source_arn, failure.code, failure)
        count_deliveries("InvocationsFailedToBeSentToDlq", dimensions)
    else:
        count_deliveries("InvocationsSentToDlq", dimensions)


@gap
def replays() -> None:
    """Replay to the rules that a filter names, and report the progress.

    AWS: replays to the rules in `Destination.FilterArns`, or to all of the bus if it is empty, rejects a rule of
    another bus and an end that is not after the start, and reports `EventLastReplayedTime`.

    Engine: replays to all rules of the bus.
    """
    wrap(eventbridge, "_start_replay", _start_replay)
    wrap(eventbridge, "_invoke_target", _replay_to_target)


def _start_replay(original: Any, data: dict[str, Any]) -> Any:
    return _replay_error(data) or original(data)


def _replay_to_target(
    original: Any, target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None
) -> None:
    name = event.get("ReplayName")
    replay = None if name is None else eventbridge._replays.get(name)
    if replay is not None:
        filters = replay["Destination"].get("FilterArns")
        if replay["State"] == "CANCELLED" or (filters and rule["Arn"] not in filters):
            return
        replay["EventLastReplayedTime"] = event["Time"]
    original(target, event, rule, view)


def _replay_error(data: dict[str, Any]) -> Any:
    destination = data.get("Destination") or {}
    bus_rules = str(destination.get("Arn", "")).replace(":event-bus/", ":rule/") + "/"
    foreign = [arn for arn in destination.get("FilterArns") or [] if not arn.startswith(bus_rules)]
    if foreign:
        message = f"Parameter Destination.FilterArns is not valid. Reason: {foreign[0]} is not a rule of the event bus."
        return error_response_json("ValidationException", message, 400)
    begin, end = (eventbridge._coerce_timestamp(data.get(name, 0)) for name in ("EventStartTime", "EventEndTime"))
    if end <= begin:
        message = "Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime."
        return error_response_json("ValidationException", message, 400)
    return None
