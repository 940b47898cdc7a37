"""Schedules of EventBridge Scheduler: their role, their context attributes, their dead letters.

AWS invokes the target with the schedule's role, whose trust (checked when the schedule is made: the source ARN is that
of the schedule group) and permissions must allow it; fills in `<aws.scheduler.scheduled-time>`, `-execution-id`,
`-schedule-arn` and `-attempt-number` in the input; and puts what cannot be delivered on the dead-letter queue, with the
same role.

The engine delivers as for a rule, without role, attributes or dead letters.

Replaces `scheduler._create_schedule` and `_update_schedule`, and takes schedules out of `eventbridge._invoke_target`,
which `scheduler._tick_schedules` calls.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ds_dashboard_local.engine.delivery import put_on_queue, start_function
from ds_dashboard_local.gaps import put_events, target_delivery
from ds_dashboard_local.sender import DeliveryFailed, Sender, require_role, trusts

SERVICE = "scheduler.amazonaws.com"


def close(engine: Any, state: Path) -> None:
    from ministack.services import eventbridge, scheduler

    invoke_for_rule = eventbridge._invoke_target

    def _invoke_target(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        if ":schedule/" in rule.get("Arn", ""):
            invoke(rule, time.time())
        else:
            invoke_for_rule(target, event, rule, view)

    eventbridge._invoke_target = _invoke_target
    for name in ("_create_schedule", "_update_schedule"):
        setattr(scheduler, name, _checking_trust(getattr(scheduler, name), scheduler._error))


def _checking_trust(handler: Any, error: Any) -> Any:
    def handle(name: str, body: dict[str, Any]) -> Any:
        role = (body.get("Target") or {}).get("RoleArn")
        if role and not trusts(role, _sender(body.get("GroupName") or "default")):
            message = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
            return error(400, "ValidationException", message)
        return handler(name, body)

    return handle


def _sender(group: str) -> Sender:
    from ministack.core.responses import get_account_id, get_region

    account = get_account_id()
    return Sender(SERVICE, f"arn:aws:scheduler:{get_region()}:{account}:schedule-group/{group}", account)


def invoke(schedule: dict[str, Any], scheduled: float) -> str:
    """Invoke the schedule's target for the time it was due; returns that time as the target sees it."""
    from ministack.core.responses import new_uuid

    target = schedule["Target"]
    sender = _sender(schedule["GroupName"])
    when = datetime.fromtimestamp(int(scheduled), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    payload = str(target.get("Input") or _default_input(schedule, sender, when))
    attributes = {
        "schedule-arn": schedule["Arn"],
        "scheduled-time": when,
        "execution-id": new_uuid(),
        "attempt-number": "1",
    }
    for name, value in attributes.items():
        payload = payload.replace(f"<aws.scheduler.{name}>", value)

    def give_up(failure: DeliveryFailed, retries: int, condition: str | None) -> None:
        _dead_letter(failure, retries, condition, payload, schedule, sender, when)

    target_delivery.attempt_and_retry(
        lambda: _attempt(target, payload, sender), target.get("RetryPolicy") or {}, give_up
    )
    return when


def _default_input(schedule: dict[str, Any], sender: Sender, when: str) -> str:
    from ministack.core.responses import get_region

    event = {
        "version": "0",
        "id": "<aws.scheduler.execution-id>",
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": sender.account,
        "time": when,
        "region": get_region(),
        "resources": [schedule["Arn"]],
        "detail": "{}",
    }
    return json.dumps(event)


def _attempt(target: dict[str, Any], payload: str, sender: Sender) -> None:
    arn, role = target["Arn"], target["RoleArn"]
    if ":event-bus/" in arn:
        parameters = target.get("EventBridgeParameters") or {}
        require_role(role, "events:PutEvents", arn, sender)
        entry = {
            "EventBusName": arn,
            "Source": parameters.get("Source"),
            "DetailType": parameters.get("DetailType"),
            "Detail": payload,
        }
        result = json.loads(put_events.put_events({"Entries": [entry]})[2])["Entries"][0]
        if "ErrorCode" in result:
            raise DeliveryFailed(result["ErrorCode"], result["ErrorMessage"])
        return
    service = arn.split(":")[2]
    if service == "sqs":
        require_role(role, "sqs:SendMessage", arn, sender)
        put_on_queue(arn, payload, parameters=target.get("SqsParameters"))
    elif service == "lambda":
        require_role(role, "lambda:InvokeFunction", arn, sender)
        start_function(arn, json.loads(payload))
    else:
        raise DeliveryFailed("INVALID_PARAMETER", f"the local cloud's schedules do not reach {arn}")


def _dead_letter(
    failure: DeliveryFailed,
    retries: int,
    condition: str | None,
    payload: str,
    schedule: dict[str, Any],
    sender: Sender,
    when: str,
) -> None:
    target = schedule["Target"]
    target_delivery.logger.warning("%s -> %s: %s: %s", schedule["Arn"], target["Arn"], failure.code, failure)
    queue = (target.get("DeadLetterConfig") or {}).get("Arn")
    if not queue:
        return
    attributes = {
        "SCHEDULE_ARN": schedule["Arn"],
        "SCHEDULED_TIME": when,
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": failure.code,
        "ERROR_MESSAGE": str(failure),
        "RETRY_ATTEMPTS": str(retries),
        "IS_PAYLOAD_TRUNCATED": "false",
    }
    if condition:
        attributes["EXHAUSTED_RETRY_CONDITION"] = condition
    try:
        require_role(target["RoleArn"], "sqs:SendMessage", queue, sender)
        put_on_queue(queue, payload, attributes)
    except DeliveryFailed as lost:
        target_delivery.logger.warning("dead letter of %s is lost: %s: %s", schedule["Arn"], lost.code, lost)
