"""Notices that a threshold was crossed, or that a series is back to normal: how they wait and are sent.

A notice waits in the item of its series in the latest table, one entry for each topic, until the topic has accepted it.
The message with the value that caused it is responsible for it: as long as it is not sent, the message fails and is
delivered again. Values that come later neither send it a second time nor fail because of it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from ds_dashboard import aws, dates
from ds_dashboard.deadline import Deadline
from ds_dashboard.event import Received
from ds_dashboard.hub import calls, notice_text
from ds_dashboard.identity import Project
from ds_dashboard.text import json_line
from ds_dashboard.thresholds import Side, Threshold
from ds_dashboard.typed_json import plain, typed

if TYPE_CHECKING:
    from ds_dashboard.hub.thresholds import Judgement, Rules

log = logging.getLogger(__name__)

ATTRIBUTE = "ThresholdUnsent"
# Of one series, next to a value of up to 200 KB in an item of at most 400 KB. A notice to ten topics takes 2 KB, so
# more only wait if a topic refuses notices for a long time.
_MAX_UNSENT_BYTES = 100 * 1024
# A text that was the value before. It is in a message several times, and SNS accepts 256 KB.
_MAX_TEXT = 256
# How long another function may need from the write of a notice until it has removed it.
_IN_FLIGHT_SECONDS = 2.0
_CONDITION_FAILED = "ConditionalCheckFailedException"


# What identifies a notice, its topic and the `dedup_key` of the value that caused it: a value causes at most one.
Key = tuple[str, str]


class Notice(NamedTuple):
    """A notice for one topic.

    Attributes:
        topic: the topic's ARN.
        caused_by: the `dedup_key` of the value that caused it.
        content: what happened, with the keys of the JSON that programs receive.
    """

    topic: str
    caused_by: str
    content: Mapping[str, Any]

    @property
    def key(self) -> Key:
        """What identifies the notice."""
        return self.topic, self.caused_by


@dataclass(slots=True)
class Waiting:
    """The notices of a series that are to be sent.

    Attributes:
        project: the spoke of the series.
        metric: its metric.
        notices: the notices, oldest first; those that were removed from the table are removed here.
        is_found: whether one of them was in the table before this function wrote the series.
        accepted: the keys of those that their topics have accepted, but that are still in the table.
    """

    project: Project
    metric: str
    notices: list[Notice]
    is_found: bool
    accepted: set[Key] = field(default_factory=set)


def of(
    received: Received, before: Judgement, after: Judgement, previous: Any, threshold: Threshold, rules: Rules
) -> list[Notice]:
    """Return the notices of a change of state, one for each topic.

    Args:
        received: the value that changed it.
        before: the judgement before the value.
        after: the judgement after it.
        previous: the value before it; None if there was none.
        threshold: the threshold of the series.
        rules: the topics, and the name of the hub.
    """
    detail = received.detail
    content = {
        "Hub": rules.hub,
        "HubRegion": rules.region,
        "State": _state(after.state),
        "PreviousState": _state(before.state),
        "PreviousSince": before.since or None,
        "MetricName": detail["MetricName"],
        "ProjectName": detail["ProjectName"],
        "Environment": detail["Environment"],
        "MetricValue": detail["MetricValue"],
        "PreviousValue": _brief(previous),
        "Unit": detail.get("Unit"),
        "Above": threshold.above,
        "Below": threshold.below,
        "For": threshold.values,
        "ExtractionDate": dates.format_instant(received.date),
        "AccountId": received.account,
        "Region": received.region,
        "EventId": received.event_id,
    }
    return [Notice(topic, received.dedup_key, content) for topic in rules.topics]


def stored(attribute: Any) -> list[Notice]:
    """Read the notices in an attribute in DynamoDB's typed JSON, or None; what no archive has written is left out."""
    found = plain(attribute) if attribute else []
    return [
        Notice(topic, entry["CausedBy"], entry["Content"])
        for entry in (found if isinstance(found, list) else [])
        if isinstance(entry, dict) and isinstance(entry.get("CausedBy"), str)
        if isinstance(entry.get("Content"), dict) and isinstance(entry.get("Topics"), list)
        for topic in entry["Topics"]
        if isinstance(topic, str)
    ]


def attribute(notices: Sequence[Notice]) -> list[dict[str, Any]] | None:
    """Return the value of the attribute, the newest notices up to `_MAX_UNSENT_BYTES`; None without any."""
    entries: list[dict[str, Any]] = []
    for caused_by, group in groupby(notices, lambda notice: notice.caused_by):
        same = list(group)
        entries.append({"Topics": [one.topic for one in same], "CausedBy": caused_by, "Content": dict(same[0].content)})
    dropped, size = len(entries), 0
    for entry in reversed(entries):
        size += len(json_line(entry).encode())
        if size > _MAX_UNSENT_BYTES:
            break
        dropped -= 1
    for entry in entries[:dropped]:
        log.error(
            "notice dropped", extra={"event": "notice_dropped", "topics": entry["Topics"], "notice": entry["Content"]}
        )
    return entries[dropped:] or None


def send(waiting: Sequence[Waiting], table: str, deadline: Deadline) -> dict[str, str]:
    """Publish notices, and remove each from the table after its topic has accepted it.

    A notice that was found in the table may be one that the function of another delivery sends at this moment. It is
    published only if it is still there after a pause.

    Args:
        waiting: the notices of each series.
        table: the name of the latest table.
        deadline: no call starts after it.

    Returns:
        Why the notices of an event were not all sent and removed, by its `dedup_key`.
    """
    failed: dict[str, str] = {}
    for is_found in (False, True):
        part = [series for series in waiting if series.is_found is is_found]
        if part and is_found:
            time.sleep(min(_IN_FLIGHT_SECONDS, max(0.0, deadline.remaining())))
        answers = calls.call_each_until(lambda series: _send_series(series, table, deadline), part, deadline)
        for series, answer in zip(part, answers, strict=True):
            if isinstance(answer, Exception):
                failed.update({notice.caused_by: str(answer) for notice in series.notices})
    return failed


def key(project: Project, metric: str) -> dict[str, Any]:
    """Return the key of a series in the latest table, in DynamoDB's typed JSON."""
    return {"Project": {"S": project.key}, "MetricName": {"S": metric}}


def _send_series(series: Waiting, table: str, deadline: Deadline) -> None:
    """Publish the notices of a series in their order, and remove those that were accepted.

    A topic that does not accept a notice delays no notice to other topics.

    Raises:
        botocore.exceptions.ClientError: a topic has not accepted a notice, or the table was not written.
        botocore.exceptions.BotoCoreError: the same.
        calls.Conflict: another archive has written the series in the meantime.
    """
    if series.is_found:
        still = {notice.key for notice in stored(_read(series, table))}
        series.notices = [notice for notice in series.notices if notice.key in still]
    errors: dict[str, Exception] = {}
    for notice in series.notices:
        # A retry after an error of the table publishes nothing for a second time.
        if notice.topic in errors or notice.key in series.accepted:
            continue
        if deadline.remaining() <= 0:
            # The time that is left is for removing what was accepted.
            errors[notice.topic] = calls.OutOfTime()
            break
        try:
            _publish(notice)
        except (ClientError, BotoCoreError) as error:
            errors[notice.topic] = error
        else:
            series.accepted.add(notice.key)
    if series.accepted:
        _remove(series, table)
    if errors:
        raise next(iter(errors.values()))


def _publish(notice: Notice) -> None:
    aws.client("sns", brief=True).publish(TopicArn=notice.topic, **notice_text.message(notice.content))


def _read(series: Waiting, table: str) -> Any:
    """Return the attribute of a series in DynamoDB's typed JSON; None if it has none."""
    answer = aws.client("dynamodb", brief=True).get_item(
        TableName=table,
        Key=key(series.project, series.metric),
        ConsistentRead=True,
        ProjectionExpression="#unsent",
        ExpressionAttributeNames={"#unsent": ATTRIBUTE},
    )
    return answer.get("Item", {}).get(ATTRIBUTE)


def _remove(series: Waiting, table: str) -> None:
    """Remove the accepted notices from the item of a series.

    Raises:
        calls.Conflict: another archive changes it again and again.
    """
    for _ in range(3):
        before = _read(series, table)
        remaining = attribute([notice for notice in stored(before) if notice.key not in series.accepted])
        values = {} if remaining is None else {":remaining": typed(remaining)}
        try:
            if before:
                aws.client("dynamodb", brief=True).update_item(
                    TableName=table,
                    Key=key(series.project, series.metric),
                    UpdateExpression="REMOVE #unsent" if remaining is None else "SET #unsent = :remaining",
                    ConditionExpression="#unsent = :before",
                    ExpressionAttributeNames={"#unsent": ATTRIBUTE},
                    ExpressionAttributeValues={":before": before, **values},
                )
        except ClientError as error:
            if error.response["Error"]["Code"] != _CONDITION_FAILED:
                raise
        else:
            series.notices = [notice for notice in series.notices if notice.key not in series.accepted]
            series.accepted.clear()
            return
    raise calls.Conflict


def _brief(value: Any) -> Any:
    """Return a value of the table for a notice: a long text is cut, and what no archive has written is left out."""
    if isinstance(value, str):
        return value if len(value) <= _MAX_TEXT else f"{value[:_MAX_TEXT]}…"
    return value if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _state(side: Side | None) -> str:
    return notice_text.NORMAL if side is None else side.value.upper()
