"""Depth and age of queues, and how many messages they hand out.

AWS publishes ApproximateNumberOfMessagesVisible, -NotVisible, ApproximateAgeOfOldestMessage and
NumberOfMessagesReceived of every queue each minute, and alarms on them change state.

The engine publishes nothing.

Adds a thread that looks once a second at the queues that alarms ask about, and publishes what has changed, or each
minute what has not. Wraps `sqs._collect_msgs`, through which every message goes to who receives it, to count them, and
`cloudwatch._get_metric_data` and `_get_metric_statistics`, so that the count is there at once.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ds_dashboard_local.service_metrics import record

SECONDS = 1.0
REPEATED_AFTER = 60.0

logger = logging.getLogger("ds_dashboard_local")


_received: Counter[str] = Counter()  # by the queue's ARN, since the last look


def close(engine: Any, state: Path) -> None:
    from ministack.services import cloudwatch, sqs

    collect = sqs._collect_msgs

    def _collect_msgs(queue: dict[str, Any], most: int, visibility: int) -> Any:
        messages = collect(queue, most, visibility)
        if messages:
            _received[queue["attributes"]["QueueArn"]] += len(messages)
        return messages

    sqs._collect_msgs = _collect_msgs
    for name in ("_get_metric_data", "_get_metric_statistics"):
        setattr(cloudwatch, name, _up_to_date(getattr(cloudwatch, name)))
    threading.Thread(target=_watch, daemon=True, name="queue-metrics").start()


def _up_to_date(read: Callable[..., Any]) -> Callable[..., Any]:
    """Whoever reads a metric sees what was received until now."""

    @functools.wraps(read)
    def read_published(*arguments: Any, **named: Any) -> Any:
        _publish_received()
        return read(*arguments, **named)

    return read_published


def _watch() -> None:
    published: dict[tuple[str, str, str, str], tuple[float, float]] = {}
    while True:
        time.sleep(SECONDS)
        try:
            _publish(published)
            _publish_received()
        except Exception:
            logger.exception("metrics of queues were not published")


def _publish(published: dict[tuple[str, str, str, str], tuple[float, float]]) -> None:
    from ministack.core.responses import request_scope
    from ministack.services import cloudwatch

    for (account, region, _), alarm in cloudwatch._alarms.all_items():
        queue = {each["Name"]: each["Value"] for each in alarm.get("Dimensions") or []}.get("QueueName")
        if alarm.get("Namespace") != "AWS/SQS" or not queue:
            continue
        with request_scope(account, region):
            value = _value(f"arn:aws:sqs:{region}:{account}:{queue}", alarm["MetricName"])
            key, now = (account, region, queue, alarm["MetricName"]), time.time()
            before, when = published.get(key, (None, 0.0))
            if value is None or (value == before and now - when < REPEATED_AFTER):
                continue
            published[key] = (value, now)
            record("AWS/SQS", {alarm["MetricName"]: value}, {"QueueName": queue})


def _publish_received() -> None:
    from ministack.core.responses import request_scope

    for arn in list(_received):
        _, _, _, region, account, name = arn.split(":")
        if count := _received.pop(arn, 0):
            with request_scope(account, region):
                record("AWS/SQS", {"NumberOfMessagesReceived": float(count)}, {"QueueName": name})


def _value(queue_arn: str, metric: str) -> float | None:
    from ministack.services import sqs

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
        oldest = min((message["sent_at"] for message in list(queue["messages"])), default=None)
        return 0.0 if oldest is None else float(int(time.time() - oldest))
    return None
