"""Invocations of functions: asynchronous ones, and those that run while their function changes."""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from contextvars import copy_context
from datetime import UTC, datetime
from typing import Any

from ministack.core import lambda_runtime
from ministack.core.responses import new_uuid, request_scope
from ministack.services import lambda_svc, sns

from ds_dashboard_local.engine.delivery import invoke_function, send_message
from ds_dashboard_local.engine.patching import gap, replace, wrap
from ds_dashboard_local.engine.permissions import function_role_allows
from ds_dashboard_local.engine.retries import DeliveryFailed
from ds_dashboard_local.gaps.cloudwatch.metrics import publish

_MAX_THROTTLE_PAUSE = 1.0
_POLL_INTERVAL = 0.05
# What an environment may take beyond its function's time.
_GRACE_SECONDS = 5.0

logger = logging.getLogger("ds_dashboard_local")

_caller = threading.local()
_finishing: set[Any] = set()


@gap
def lambda_async() -> None:
    """Retry asynchronous invocations as configured, and send their records to destinations.

    AWS: retries a failed asynchronous invocation twice, or as the function's configuration says, and a throttled one
    until it is too old. Then its record goes to the on-failure destination, if the execution role may send there, and
    AsyncEventsDropped is counted. The record has the number of attempts and the reason. A dead-letter queue of the
    function gets the event itself.

    Engine: counts three attempts whatever happened, retries a throttled event no longer than a failed one, evaluates no
    role, sends the record to dead-letter queues too, and counts nothing. Pauses are seconds where AWS's are minutes.
    """
    replace(lambda_svc, "invoke_async_with_retry", _invoke_async_with_retry)


def _invoke_async_with_retry(func: dict[str, Any], event: Any) -> None:

    def run() -> None:
        config = func.get("config") or func
        account, region = lambda_svc._account_region_from_function_config(config)
        with request_scope(account, region):
            _run(func, config, event)

    threading.Thread(target=copy_context().run, args=(run,), daemon=True, name="lambda-async").start()


def _run(func: dict[str, Any], config: dict[str, Any], event: Any) -> None:
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
        # Events that were throttled together are not retried together.
        time.sleep(min(pause, _MAX_THROTTLE_PAUSE) * random.uniform(0.3, 1.0) if result.get("throttle") else pause)
        pause = min(pause * 2, lambda_svc._LAMBDA_ASYNC_RETRY_MAX_SECONDS)
    _count("AsyncEventsDropped", config)
    destination = ((configured.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
    dead_letter_queue = (config.get("DeadLetterConfig") or {}).get("TargetArn")
    try:
        if destination:
            _send(config, destination, json.dumps(_invocation_record(config, event, result, condition, tries)), {})
        if dead_letter_queue:
            attributes = {"RequestID": _request_id(result), "ErrorCode": "200", "ErrorMessage": _message(result)}
            _send(config, dead_letter_queue, json.dumps(event), attributes)
    except DeliveryFailed as failure:
        logger.warning("%s: record of a failed invocation is lost: %s", config["FunctionName"], failure)
        _count("DestinationDeliveryFailures" if destination else "DeadLetterErrors", config)


def _invocation_record(
    config: dict[str, Any], event: Any, result: dict[str, Any], condition: str, tries: int
) -> dict[str, Any]:
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
        raise DeliveryFailed("INVALID_PARAMETER", f"the local cloud sends no records to {arn}")
    if not function_role_allows(config, action, arn):
        raise DeliveryFailed("NO_PERMISSIONS", f"{config['Role']} is not authorized to perform {action} on {arn}")
    if service == "sqs":
        send_message(arn, text, attributes)
    elif service == "lambda":
        invoke_function(arn, json.loads(text))
    else:
        sns._fanout(arn, _request_id({}), text, "Lambda", "", {})


def _count(metric: str, config: dict[str, Any]) -> None:
    publish("AWS/Lambda", {metric: 1.0}, {"FunctionName": config["FunctionName"]})


@gap
def function_updates() -> None:
    """Let running invocations end when their function is updated or deleted.

    AWS: a running invocation goes on in its environment; the next one gets a new environment.

    Engine: ends the function's environments at once, and the invocation fails: "Worker process died".
    """
    wrap(lambda_runtime, "kill_workers", _kill_idle_workers)
    wrap(lambda_runtime, "invalidate_worker", _invalidate_worker)
    wrap(lambda_svc, "invalidate_worker", _invalidate_worker)
    wrap(lambda_runtime, "reset", _reset)


def _invalidate_worker(original: Any, *arguments: Any, **named: Any) -> None:
    _caller.updates = True
    try:
        original(*arguments, **named)
    finally:
        _caller.updates = False


def _kill_idle_workers(original: Any, workers: Any) -> None:
    if not getattr(_caller, "updates", False):
        original(workers)
        return
    busy = [worker for worker in workers if worker.in_use]
    original([worker for worker in workers if not worker.in_use])
    for worker in busy:
        _finishing.add(worker)
        threading.Thread(target=_kill_later, args=(worker, original), daemon=True, name="lambda-finishing").start()


def _kill_later(worker: Any, kill: Any) -> None:
    limit = time.monotonic() + float(worker.config.get("Timeout", 3)) + _GRACE_SECONDS
    while worker.in_use and time.monotonic() < limit:
        time.sleep(_POLL_INTERVAL)
    kill([worker])
    _finishing.discard(worker)


def _reset(original: Any) -> None:
    original()
    lambda_runtime.kill_workers(list(_finishing))
