"""Notices that a threshold was crossed, or that a series is back to normal: what they say, and how they are sent.

A notice waits in the item of its series in the latest table, one entry for each topic, until the topic has accepted it.
The message with the value that caused it is responsible for it: as long as it is not sent, the message fails and is
delivered again. Values that come later neither send it a second time nor fail because of it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import BotoCoreError, ClientError

from ds_dashboard import aws, dates, shell
from ds_dashboard.deadline import Deadline
from ds_dashboard.event import Received
from ds_dashboard.hub import calls, tables
from ds_dashboard.identity import DEFAULT_NAME, Project
from ds_dashboard.text import format_value, json_line, visible
from ds_dashboard.thresholds import Side, Threshold

if TYPE_CHECKING:
    from ds_dashboard.hub.thresholds import Judgement, Rules

log = logging.getLogger(__name__)

ATTRIBUTE = "ThresholdUnsent"
NORMAL = "NORMAL"
# Of one series. More can only wait if a topic refuses notices for a long time.
_MAX_UNSENT = 20
# SNS accepts fewer than a hundred characters.
_MAX_SUBJECT = 99
# The protocols whose receivers are programs. All others show the text to a person.
_PROGRAMS = ("firehose", "http", "https", "lambda", "sqs")
_CONDITION_FAILED = "ConditionalCheckFailedException"
_deserialize = TypeDeserializer().deserialize


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


@dataclass(slots=True)
class Waiting:
    """The notices of a series that are to be sent, oldest first; those that were sent are removed."""

    project: Project
    metric: str
    notices: list[Notice]


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
        "State": _state(after.state),
        "PreviousState": _state(before.state),
        "PreviousSince": before.since or None,
        "MetricName": detail["MetricName"],
        "ProjectName": detail["ProjectName"],
        "Environment": detail["Environment"],
        "MetricValue": detail["MetricValue"],
        "PreviousValue": previous,
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
    found = _deserialize(attribute) if attribute else []
    return [
        Notice(one["Topic"], one["CausedBy"], one["Content"])
        for one in (found if isinstance(found, list) else [])
        if isinstance(one, dict) and one.keys() >= {"Topic", "CausedBy", "Content"}
    ]


def attribute(notices: Sequence[Notice]) -> list[dict[str, Any]] | None:
    """Return the value of the attribute, at most `_MAX_UNSENT` notices and the newest ones; None without any."""
    dropped = notices[:-_MAX_UNSENT]
    for notice in dropped:
        log.error(
            "notice dropped", extra={"event": "notice_dropped", "topic": notice.topic, "notice": dict(notice.content)}
        )
    return [
        {"Topic": notice.topic, "CausedBy": notice.caused_by, "Content": dict(notice.content)}
        for notice in notices[-_MAX_UNSENT:]
    ] or None


def send(waiting: Sequence[Waiting], table: str, deadline: Deadline) -> dict[str, str]:
    """Publish notices, and remove each from the table after its topic has accepted it.

    Args:
        waiting: the notices of each series.
        table: the name of the latest table.
        deadline: no call starts after it.

    Returns:
        Why the notices of an event were not all sent and removed, by its `dedup_key`.
    """
    answers = calls.call_each_until(lambda series: _send_series(series, table), waiting, deadline)
    return {
        notice.caused_by: str(answer)
        for series, answer in zip(waiting, answers, strict=True)
        if isinstance(answer, Exception)
        for notice in series.notices
    }


def key(project: Project, metric: str) -> dict[str, Any]:
    """Return the key of a series in the latest table, in DynamoDB's typed JSON."""
    return {"Project": {"S": project.key}, "MetricName": {"S": metric}}


def _send_series(series: Waiting, table: str) -> None:
    """Publish the notices of a series in their order, and remove those that were accepted.

    A topic that does not accept a notice keeps no other topic from its notices.

    Raises:
        botocore.exceptions.ClientError: a topic has not accepted a notice, or the table was not written.
        botocore.exceptions.BotoCoreError: the same.
        calls.Conflict: another archive has written the series in the meantime.
    """
    sent: list[Notice] = []
    errors: dict[str, Exception] = {}
    for notice in series.notices:
        if notice.topic in errors:
            continue
        try:
            _publish(notice)
        except (ClientError, BotoCoreError) as error:
            errors[notice.topic] = error
        else:
            sent.append(notice)
    if sent:
        _remove(series, sent, table)
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


def _remove(series: Waiting, sent: Sequence[Notice], table: str) -> None:
    """Remove notices from the item of a series.

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
        remaining = attribute([notice for notice in stored(before) if notice not in sent])
        values = {} if remaining is None else {":remaining": tables.typed(remaining)}
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
            series.notices = [notice for notice in series.notices if notice not in sent]
            return
    raise calls.Conflict


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
        f"Hub:        {content['Hub']}",
    ]
    if content["PreviousSince"]:
        lines.insert(1, f"{content['PreviousState'].title()} from: {content['PreviousSince']}")
    name = [] if content["Hub"] == DEFAULT_NAME else ["--name", content["Hub"]]
    options = ["--project", content["ProjectName"], "--environment", content["Environment"], *name]
    history = shell.command("ds-dashboard", "history", content["MetricName"], *options)
    return "\n".join([headline, "", *lines, "", "Its values so far:", f"  {visible(history)}"]) + "\n"


def _with_unit(content: Mapping[str, Any], name: str) -> str:
    value, unit = content[name], content["Unit"]
    has_unit = value is not None and not isinstance(value, str) and unit not in (None, "None")
    return f"{format_value(value)} {visible(unit)}" if has_unit else format_value(value)
