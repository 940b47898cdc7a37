"""What a notice of a threshold says: text for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ds_dashboard import shell
from ds_dashboard.identity import DEFAULT_NAME
from ds_dashboard.text import format_value, json_line, visible
from ds_dashboard.thresholds import Side

NORMAL = "NORMAL"
# SNS accepts fewer than a hundred characters.
_MAX_SUBJECT = 99
# The protocols whose receivers are programs. All others show the text to a person.
_PROGRAMS = ("firehose", "http", "https", "lambda", "sqs")


def message(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what SNS needs to publish a notice, but for the topic.

    Args:
        content: what happened, with the keys of the JSON that programs receive.
    """
    text = _text(content)
    machine = json_line({**content, "Text": text})
    subject = _subject(content).encode("ascii", "backslashreplace").decode()
    names = ("State", "MetricName", "ProjectName", "Environment")
    return {
        "Subject": subject if len(subject) <= _MAX_SUBJECT else f"{subject[: _MAX_SUBJECT - 3]}...",
        "Message": json.dumps({"default": text, **dict.fromkeys(_PROGRAMS, machine)}),
        "MessageStructure": "json",
        # For the filter policies of subscriptions.
        "MessageAttributes": {name: {"DataType": "String", "StringValue": visible(content[name])} for name in names},
    }


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
