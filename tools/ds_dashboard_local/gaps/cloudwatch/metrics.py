"""Metrics that services publish about themselves."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import cloudwatch, lambda_svc, sqs

from ds_dashboard_local.engine.patching import gap, replace, wrap

_POLL_INTERVAL = 1.0
_REPEAT_INTERVAL = 60.0
# A message that was received this often no longer counts for the age of the oldest message.
_RECEIVED_TOO_OFTEN = 3

logger = logging.getLogger("ds_dashboard_local")

_received: Counter[str] = Counter()  # messages received since the last poll, by the queue's ARN


def publish(namespace: str, values: dict[str, float], dimensions: dict[str, str], unit: str = "Count") -> None:
    """Publish metrics in the current account and region, and evaluate the alarms on them."""
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    data: list[dict[str, Any]] = [
        {"MetricName": name, "Dimensions": named, "Value": value, "Unit": unit} for name, value in values.items()
    ]
    cloudwatch._put_metric_data({}, {"Namespace": namespace, "MetricData": data}, False, True)


def count_deliveries(metric: str, dimensions: dict[str, str]) -> None:
    """Count one delivery as EventBridge does: a rule of the default bus has no dimension EventBusName."""
    names = {k: v for k, v in dimensions.items() if (k, v) != ("EventBusName", "default")}
    publish("AWS/Events", {metric: 1.0}, names)


@gap
def function_metrics() -> None:
    """Count every invocation of a function.

    AWS: publishes Invocations, Errors and Duration for each invocation, whoever requested it, and alarms on them change
    state.

    Engine: counts the Invoke call, not what queues and events invoke, and evaluates no alarm.
    """
    wrap(lambda_svc, "_execute_function_dispatch", _execute_and_count)
    replace(lambda_svc, "_emit_lambda_metrics", _count_throttles)


def _execute_and_count(
    original: Any, func: dict[str, Any], config: dict[str, Any], event: Any, request_id: str, started: float
) -> Any:
    result = original(func, config, event, request_id, started)
    dimensions = {"FunctionName": config.get("FunctionName", "")}
    failed = 1.0 if isinstance(result, dict) and result.get("error") else 0.0
    publish("AWS/Lambda", {"Invocations": 1.0, "Errors": failed}, dimensions)
    publish("AWS/Lambda", {"Duration": (time.time() - started) * 1000}, dimensions, "Milliseconds")
    return result


def _count_throttles(function_name: str, duration_ms: float, error: bool, throttle: bool) -> None:
    # A throttled invocation is never executed. With a duration it is the Invoke call, which reports it a second time.
    if throttle and not duration_ms:
        publish("AWS/Lambda", {"Throttles": 1.0}, {"FunctionName": function_name})


@gap
def queue_metrics() -> None:
    """Publish depth and age of queues, and the messages that they return.

    AWS: publishes ApproximateNumberOfMessagesVisible, ApproximateNumberOfMessagesNotVisible,
    ApproximateAgeOfOldestMessage and NumberOfMessagesReceived of every queue each minute, and alarms on them change
    state. The age leaves out messages that were received three times or more.

    Engine: publishes nothing.

    The patch polls the queues of alarms once a second and publishes changes at once; received messages are counted as
    soon as a client reads a metric.
    """
    wrap(sqs, "_collect_msgs", _collect_and_count)
    wrap(cloudwatch, "_get_metric_data", _read_published)
    wrap(cloudwatch, "_get_metric_statistics", _read_published)
    threading.Thread(target=_publish_queue_metrics, daemon=True, name="queue-metrics").start()


def _collect_and_count(original: Any, q: dict[str, Any], max_n: int, vis_timeout: int) -> Any:
    messages = original(q, max_n, vis_timeout)
    if messages:
        _received[q["attributes"]["QueueArn"]] += len(messages)
    return messages


def _read_published(original: Any, *arguments: Any, **named: Any) -> Any:
    _publish_received()
    return original(*arguments, **named)


def _publish_queue_metrics() -> None:
    published: dict[tuple[str, str, str, str], tuple[float, float]] = {}
    while True:
        time.sleep(_POLL_INTERVAL)
        try:
            _publish_alarmed(published)
            _publish_received()
        except Exception:
            logger.exception("metrics of queues were not published")


def _publish_alarmed(published: dict[tuple[str, str, str, str], tuple[float, float]]) -> None:
    """Publish the metrics of queues that an alarm is on, if they changed or are a minute old."""
    for (account, region, _), alarm in cloudwatch._alarms.all_items():
        queue = {each["Name"]: each["Value"] for each in alarm.get("Dimensions") or []}.get("QueueName")
        if alarm.get("Namespace") != "AWS/SQS" or not queue:
            continue
        with request_scope(account, region):
            value = _queue_value(f"arn:aws:sqs:{region}:{account}:{queue}", alarm["MetricName"])
            key, now = (account, region, queue, alarm["MetricName"]), time.time()
            before, when = published.get(key, (None, 0.0))
            if value is None or (value == before and now - when < _REPEAT_INTERVAL):
                continue
            published[key] = (value, now)
            publish("AWS/SQS", {alarm["MetricName"]: value}, {"QueueName": queue})


def _publish_received() -> None:
    for arn in list(_received):
        _, _, _, region, account, name = arn.split(":")
        if count := _received.pop(arn, 0):
            with request_scope(account, region):
                publish("AWS/SQS", {"NumberOfMessagesReceived": float(count)}, {"QueueName": name})


def _queue_value(queue_arn: str, metric: str) -> float | None:
    queue = sqs._queue_by_arn(queue_arn)
    if queue is None:
        return None
    sqs._refresh_counts(queue)
    attributes = queue["attributes"]
    if metric == "ApproximateNumberOfMessagesVisible":
        return float(attributes["ApproximateNumberOfMessages"])
    if metric == "ApproximateNumberOfMessagesNotVisible":
        return float(attributes["ApproximateNumberOfMessagesNotVisible"])
    if metric == "ApproximateAgeOfOldestMessage":
        waiting = [each for each in list(queue["messages"]) if each.get("receive_count", 0) < _RECEIVED_TOO_OFTEN]
        oldest = min((message["sent_at"] for message in waiting), default=None)
        return 0.0 if oldest is None else float(int(time.time() - oldest))
    return None
