"""Notices that a threshold was crossed, or that a series is back to normal: what they say, and how they are sent.

A notice waits in the item of its series in the latest table, one entry for each topic, until the topic has accepted it.
The message with the value that caused it is responsible for it: as long as it is not sent, the message fails and is
delivered again. Values that come later neither send it a second time nor fail because of it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from ds_dashboard import aws, dates, shell
from ds_dashboard.deadline import Deadline
from ds_dashboard.event import Received
from ds_dashboard.hub import calls
from ds_dashboard.identity import DEFAULT_NAME, Project
from ds_dashboard.text import format_value, json_line, visible
from ds_dashboard.thresholds import Side, Threshold
from ds_dashboard.typed_json import plain, typed

if TYPE_CHECKING:
    from ds_dashboard.hub.thresholds import Judgement, Rules

log = logging.getLogger(__name__)

ATTRIBUTE = "ThresholdUnsent"
NORMAL = "NORMAL"
# Of one series, next to a value of up to 200 KB in an item of at most 400 KB. A notice to ten topics takes 2 KB, so
# more only wait if a topic refuses notices for a long time.
_MAX_UNSENT_BYTES = 100 * 1024
# A text that was the value before. It is in a message several times, and SNS accepts 256 KB.
_MAX_TEXT = 256
# SNS accepts fewer than a hundred characters.
_MAX_SUBJECT = 99
# The protocols whose receivers are programs. All others show the text to a person.
_PROGRAMS = ("firehose", "http", "https", "lambda", "sqs")
_CONDITION_FAILED = "ConditionalCheckFailedException"


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
    def key(self) -> tuple[str, str]:
        """What identifies the notice: a value causes at most one for each topic."""
        return self.topic, self.caused_by


@dataclass(slots=True)
class Waiting:
    """The notices of a series that are to be sent.

    Attributes:
        project: the spoke of the series.
        metric: its metric.
        notices: the notices, oldest first; those that were removed from the table are removed here.
        accepted: the keys of those that their topics have accepted, but that are still in the table.
    """

    project: Project
    metric: str
    notices: list[Notice]
    accepted: set[tuple[str, str]] = field(default_factory=set)


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
    kept, size = len(entries), 0
    for entry in reversed(entries):
        size += len(json_line(entry).encode())
        if size > _MAX_UNSENT_BYTES:
            break
        kept -= 1
    for entry in entries[:kept]:
        log.error(
            "notice dropped", extra={"event": "notice_dropped", "topics": entry["Topics"], "notice": entry["Content"]}
        )
    return entries[kept:] or None


def send(waiting: Sequence[Waiting], table: str, deadline: Deadline) -> dict[str, str]:
    """Publish notices, and remove each from the table after its topic has accepted it.

    Args:
        waiting: the notices of each series.
        table: the name of the latest table.
        deadline: no call starts after it.

    Returns:
        Why the notices of an event were not all sent and removed, by its `dedup_key`.
    """
    answers = calls.call_each_until(lambda series: _send_series(series, table, deadline), waiting, deadline)
    return {
        notice.caused_by: str(answer)
        for series, answer in zip(waiting, answers, strict=True)
        if isinstance(answer, Exception)
        for notice in series.notices
    }


def key(project: Project, metric: str) -> dict[str, Any]:
    """Return the key of a series in the latest table, in DynamoDB's typed JSON."""
    return {"Project": {"S": project.key}, "MetricName": {"S": metric}}


def _send_series(series: Waiting, table: str, deadline: Deadline) -> None:
    """Publish the notices of a series in their order, and remove those that were accepted.

    A topic that does not accept a notice keeps no other topic from its notices.

    Raises:
        botocore.exceptions.ClientError: a topic has not accepted a notice, or the table was not written.
        botocore.exceptions.BotoCoreError: the same.
        calls.Conflict: another archive has written the series in the meantime.
    """
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
    content = notice.content
    text = _text(content)
    machine = json_line({**content, "Text": text})
    subject = _subject(content).encode("ascii", "backslashreplace").decode()
    names = ("State", "MetricName", "ProjectName", "Environment")
    aws.client("sns", brief=True).publish(
        TopicArn=notice.topic,
        Subject=subject if len(subject) <= _MAX_SUBJECT else f"{subject[: _MAX_SUBJECT - 3]}...",
        Message=json.dumps({"default": text, **dict.fromkeys(_PROGRAMS, machine)}),
        MessageStructure="json",
        # For the filter policies of subscriptions.
        MessageAttributes={name: {"DataType": "String", "StringValue": visible(content[name])} for name in names},
    )


def _remove(series: Waiting, table: str) -> None:
    """Remove the accepted notices from the item of a series.

    Raises:
        calls.Conflict: another archive changes it again and again.
    """
    dynamodb, names = aws.client("dynamodb", brief=True), {"#unsent": ATTRIBUTE}
    for _ in range(3):
        answer = dynamodb.get_item(
            TableName=table,
            Key=key(series.project, series.metric),
            ConsistentRead=True,
            ProjectionExpression="#unsent",
            ExpressionAttributeNames=names,
        )
        before: Any = answer.get("Item", {}).get(ATTRIBUTE)
        remaining = attribute([notice for notice in stored(before) if notice.key not in series.accepted])
        values = {} if remaining is None else {":remaining": typed(remaining)}
        try:
            if before:
                dynamodb.update_item(
                    TableName=table,
                    Key=key(series.project, series.metric),
                    UpdateExpression="REMOVE #unsent" if remaining is None else "SET #unsent = :remaining",
                    ConditionExpression="#unsent = :before",
                    ExpressionAttributeNames=names,
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
    return NORMAL if side is None else side.value.upper()


def _subject(content: Mapping[str, Any]) -> str:
    state = "Back to normal" if content["State"] == NORMAL else content["State"]
    return f"{state}: {visible(content['MetricName'])} of {content['ProjectName']}/{content['Environment']}"


def _text(content: Mapping[str, Any]) -> str:
    """Return what a person reads in a notice."""
    series = f"{visible(content['MetricName'])} of {content['ProjectName']}/{content['Environment']}"
    state, value = content["State"], _with_unit(content, "MetricValue")
    if state == NORMAL:
        headline = f"{series} is back to normal: {value}."
    else:
        limit = _with_unit(content, "Above" if state == Side.ABOVE.name else "Below")
        headline = f"{series} is {state.lower()} {limit}: {value}."
    limits = [f"{name.lower()} {_with_unit(content, name)}" for name in ("Above", "Below") if content[name] is not None]
    lines = [
        f"Before:     {_with_unit(content, 'PreviousValue') or 'no value'}",
        f"Threshold:  {' or '.join(limits)}" + (f", {content['For']} values in a row" * (content["For"] > 1)),
        f"Extracted:  {content['ExtractionDate']}",
        f"Account:    {content['AccountId']}, {content['Region']}",
        f"Hub:        {content['Hub']}, {content['HubRegion']}",
    ]
    if content["PreviousSince"]:
        lines.insert(1, f"{content['PreviousState'].title()} from: {content['PreviousSince']}")
    if command := _history(content):
        lines += ["", "Its values so far:", f"  {command}"]
    return "\n".join([headline, "", *lines]) + "\n"


def _history(content: Mapping[str, Any]) -> str:
    """Return the command that shows the series; empty if its name would not look like what a shell reads."""
    metric = content["MetricName"]
    options = ["--project", content["ProjectName"], "--environment", content["Environment"]]
    if content["Hub"] != DEFAULT_NAME:
        options += ["--name", content["Hub"]]
    options += ["--region", content["HubRegion"]]
    is_readable = visible(metric) == metric
    return shell.command("ds-dashboard", "history", *shell.arguments(metric, options)) if is_readable else ""


def _with_unit(content: Mapping[str, Any], name: str) -> str:
    value, unit = content[name], content["Unit"]
    has_unit = value is not None and not isinstance(value, str) and unit not in (None, "None")
    return f"{format_value(value)} {visible(unit)}" if has_unit else format_value(value)
