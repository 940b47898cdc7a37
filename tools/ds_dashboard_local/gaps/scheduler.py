"""Gaps of EventBridge Scheduler: what a schedule does when it is due, and repeated creation."""

from __future__ import annotations

import json
import logging
import time
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import eventbridge, scheduler

from ds_dashboard_local.engine.delivery import invoke_function, send_message
from ds_dashboard_local.engine.patching import gap, wrap
from ds_dashboard_local.engine.permissions import Sender, require_role, trusts
from ds_dashboard_local.engine.retries import DeliveryFailed, attempt_and_retry
from ds_dashboard_local.gaps.eventbridge.put_events import put_entries

SERVICE = "scheduler.amazonaws.com"

logger = logging.getLogger("ds_dashboard_local")


@gap
def schedules() -> None:
    """Invoke the target of a schedule with its role, its context attributes and its dead-letter queue.

    AWS: the trust policy of the role (evaluated when the schedule is created, with the ARN of the schedule group as
    `aws:SourceArn`) and its permissions must allow the call. Scheduler replaces `<aws.scheduler.scheduled-time>`,
    `-execution-id`, `-schedule-arn` and `-attempt-number` in the input, and sends what it cannot deliver to the
    dead-letter queue with the same role.

    Engine: delivers as for a rule, without role, attributes or dead letters.
    """
    # `scheduler._tick_schedules` delivers through EventBridge's function.
    wrap(eventbridge, "_invoke_target", _invoke_target)
    wrap(scheduler, "_create_schedule", _with_trusted_role)
    wrap(scheduler, "_update_schedule", _with_trusted_role)


def _invoke_target(
    original: Any, target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None
) -> None:
    if ":schedule/" in rule.get("Arn", ""):
        invoke(rule, time.time())
    else:
        original(target, event, rule, view)


def _with_trusted_role(original: Any, name: str, body: dict[str, Any]) -> Any:
    role = (body.get("Target") or {}).get("RoleArn")
    if role and not trusts(role, _sender(body.get("GroupName") or "default")):
        message = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
        return scheduler._error(400, "ValidationException", message)
    return original(name, body)


def _sender(group: str) -> Sender:
    account = get_account_id()
    return Sender(SERVICE, f"arn:aws:scheduler:{get_region()}:{account}:schedule-group/{group}", account)


def invoke(schedule: dict[str, Any], scheduled: float) -> str:
    """Invoke the target of a schedule of the current account and region.

    Args:
        schedule: The engine's schedule.
        scheduled: When it was due, in seconds since 1970.

    Returns:
        The scheduled time as the target sees it, such as `2026-01-01T00:00:00Z`.
    """
    target = schedule["Target"]
    sender = _sender(schedule["GroupName"])
    scheduled_time = datetime.fromtimestamp(int(scheduled), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    payload = str(target.get("Input") or _default_input(schedule, sender, scheduled_time))
    attributes = {
        "schedule-arn": schedule["Arn"],
        "scheduled-time": scheduled_time,
        "execution-id": new_uuid(),
        "attempt-number": "1",
    }
    for name, value in attributes.items():
        payload = payload.replace(f"<aws.scheduler.{name}>", value)

    def give_up(failure: DeliveryFailed, retries: int, condition: str | None) -> None:
        logger.warning("%s -> %s: %s: %s", schedule["Arn"], target["Arn"], failure.code, failure)
        attributes = {
            "SCHEDULE_ARN": schedule["Arn"],
            "SCHEDULED_TIME": scheduled_time,
            "TARGET_ARN": target["Arn"],
            "ERROR_CODE": failure.code,
            "ERROR_MESSAGE": str(failure),
            "RETRY_ATTEMPTS": str(retries),
            "IS_PAYLOAD_TRUNCATED": "false",
        }
        if condition:
            attributes["EXHAUSTED_RETRY_CONDITION"] = condition
        _send_dead_letter(schedule, payload, attributes, sender)

    attempt_and_retry(lambda: _attempt(target, payload, sender), target.get("RetryPolicy") or {}, give_up)
    return scheduled_time


def _default_input(schedule: dict[str, Any], sender: Sender, scheduled_time: str) -> str:
    event = {
        "version": "0",
        "id": "<aws.scheduler.execution-id>",
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": sender.account,
        "time": scheduled_time,
        "region": get_region(),
        "resources": [schedule["Arn"]],
        "detail": "{}",
    }
    return json.dumps(event)


def _attempt(target: dict[str, Any], payload: str, sender: Sender) -> None:
    arn, role = target["Arn"], target["RoleArn"]
    service = arn.split(":")[2]
    if ":event-bus/" in arn:
        require_role(role, "events:PutEvents", arn, sender)
        parameters = target.get("EventBridgeParameters") or {}
        entry = {
            "EventBusName": arn,
            "Source": parameters.get("Source"),
            "DetailType": parameters.get("DetailType"),
            "Detail": payload,
        }
        result = json.loads(put_entries({"Entries": [entry]})[2])["Entries"][0]
        if "ErrorCode" in result:
            raise DeliveryFailed(result["ErrorCode"], result["ErrorMessage"])
    elif service == "sqs":
        require_role(role, "sqs:SendMessage", arn, sender)
        send_message(arn, payload, parameters=target.get("SqsParameters"))
    elif service == "lambda":
        require_role(role, "lambda:InvokeFunction", arn, sender)
        invoke_function(arn, json.loads(payload))
    else:
        raise DeliveryFailed("INVALID_PARAMETER", f"schedules of the local cloud do not deliver to {arn}")


def _send_dead_letter(schedule: dict[str, Any], body: str, attributes: dict[str, str], sender: Sender) -> None:
    target = schedule["Target"]
    queue = (target.get("DeadLetterConfig") or {}).get("Arn")
    if not queue:
        return
    try:
        require_role(target["RoleArn"], "sqs:SendMessage", queue, sender)
        send_message(queue, body, attributes)
    except DeliveryFailed as failure:
        logger.warning("dead letter of %s is lost: %s: %s", schedule["Arn"], failure.code, failure)


@gap
def schedule_client_tokens() -> None:
    """Answer a repeated creation with the same client token as the first one.

    AWS: answers a repeated CreateSchedule or CreateScheduleGroup with the first answer if both have the same
    `ClientToken`. An SDK whose connection broke repeats the call.

    Engine: ignores the token and answers ConflictException.
    """
    wrap(scheduler, "_create_schedule", _idempotent())
    wrap(scheduler, "_create_schedule_group", _idempotent())


def _idempotent() -> Any:
    answers: dict[tuple[str, str, str], Any] = {}

    def create(original: Any, name: str, body: dict[str, Any]) -> Any:
        token = body.get("ClientToken")
        key = (get_account_id(), get_region(), str(token))
        answer = original(name, body)
        if not token:
            return answer
        if answer[0] == 409 and key in answers:
            return answers[key]
        if answer[0] < 300:
            answers[key] = answer
        return answer

    return create
