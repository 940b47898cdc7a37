"""Asynchronous invocations: retries, age, destinations.

On AWS a failed asynchronous invocation is retried twice or as often as the function's configuration says, a throttled
one until it is too old; then its record goes to the on-failure destination, if the execution role may send there, and
AsyncEventsDropped is counted. The record says how often it was tried and why it was given up. A dead-letter queue of
the function gets the event itself instead.

The engine counts three tries whatever happened, retries a throttled event no longer than a failed one, asks no role,
sends the record to dead-letter queues too, and counts nothing.

Replaces `lambda_svc.invoke_async_with_retry`. As in the engine, pauses are seconds where AWS's are minutes.
"""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from contextvars import copy_context
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ds_dashboard_local.engine.delivery import put_on_queue, start_function
from ds_dashboard_local.lambda_role import may
from ds_dashboard_local.sender import DeliveryFailed
from ds_dashboard_local.service_metrics import record

_LONGEST_THROTTLED = 1.0

logger = logging.getLogger("ds_dashboard_local")


def close(engine: Any, state: Path) -> None:
    from ministack.services import lambda_svc

    lambda_svc.invoke_async_with_retry = invoke_async_with_retry


def invoke_async_with_retry(func: dict[str, Any], event: Any) -> None:
    """Accept the event; everything else happens in a thread of its own."""

    def run() -> None:
        from ministack.core.responses import request_scope
        from ministack.services import lambda_svc

        config = func.get("config") or func
        account, region = lambda_svc._account_region_from_function_config(config)
        with request_scope(account, region):
            _run(func, config, event)

    threading.Thread(target=copy_context().run, args=(run,), daemon=True, name="lambda-async").start()


def _run(func: dict[str, Any], config: dict[str, Any], event: Any) -> None:
    from ministack.services import lambda_svc

    configured = lambda_svc._event_invoke_config(func, None) or {}
    retries = int(configured.get("MaximumRetryAttempts", 2))
    age = int(configured.get("MaximumEventAgeInSeconds", 21_600))
    begun, tries, pause = time.monotonic(), 0, lambda_svc._LAMBDA_ASYNC_RETRY_BASE_SECONDS
    condition = "RetriesExhausted"
    while True:
        result = lambda_svc._execute_function(func, event)
        if not result.get("throttle"):
            tries += 1
        if not result.get("error"):
            return
        if not result.get("throttle") and tries > retries:
            break
        if time.monotonic() + pause - begun > age:
            condition = "EventAgeExceeded"
            break
        # Events that were throttled together do not come back together.
        time.sleep(min(pause, _LONGEST_THROTTLED) * random.uniform(0.3, 1.0) if result.get("throttle") else pause)
        pause = min(pause * 2, lambda_svc._LAMBDA_ASYNC_RETRY_MAX_SECONDS)
    _count("AsyncEventsDropped", config)
    destination = ((configured.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
    letters = (config.get("DeadLetterConfig") or {}).get("TargetArn")
    try:
        if destination:
            _send(config, destination, json.dumps(_record(config, event, result, condition, tries)), {})
        if letters:
            attributes = {"RequestID": _request_id(result), "ErrorCode": "200", "ErrorMessage": _message(result)}
            _send(config, letters, json.dumps(event), attributes)
    except DeliveryFailed as failure:
        logger.warning("%s: record of a failed invocation is lost: %s", config["FunctionName"], failure)
        _count("DestinationDeliveryFailures" if destination else "DeadLetterErrors", config)


def _record(config: dict[str, Any], event: Any, result: dict[str, Any], condition: str, tries: int) -> dict[str, Any]:
    return {
        "version": "1.0",
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "requestContext": {
            "requestId": _request_id(result),
            "functionArn": f"{config['FunctionArn']}:{config.get('Version', '$LATEST')}",
            "condition": condition,
            "approximateInvokeCount": tries,
        },
        "requestPayload": event,
        "responseContext": {
            "statusCode": 200,
            "executedVersion": config.get("Version", "$LATEST"),
            "functionError": result.get("function_error") or "Unhandled",
        },
        "responsePayload": result.get("body"),
    }


def _request_id(result: dict[str, Any]) -> str:
    from ministack.core.responses import new_uuid

    body = result.get("body")
    return str((body.get("requestId") if isinstance(body, dict) else None) or new_uuid())


def _message(result: dict[str, Any]) -> str:
    body = result.get("body")
    return str(body.get("errorMessage", "") if isinstance(body, dict) else body)[:1024] or "Unhandled"


def _send(config: dict[str, Any], arn: str, text: str, attributes: dict[str, str]) -> None:
    service = arn.split(":")[2]
    actions = {"sqs": "sqs:SendMessage", "sns": "sns:Publish", "lambda": "lambda:InvokeFunction"}
    action = actions.get(service)
    if action is None:
        raise DeliveryFailed("INVALID_PARAMETER", f"the local cloud does not send records to {arn}")
    if not may(config, action, arn):
        raise DeliveryFailed("NO_PERMISSIONS", f"{config['Role']} is not authorized to perform {action} on {arn}")
    if service == "sqs":
        put_on_queue(arn, text, attributes)
    elif service == "lambda":
        start_function(arn, json.loads(text))
    else:
        from ministack.services import sns

        sns._fanout(arn, _request_id({}), text, "Lambda", "", {})


def _count(metric: str, config: dict[str, Any]) -> None:
    record("AWS/Lambda", {metric: 1.0}, {"FunctionName": config["FunctionName"]})
