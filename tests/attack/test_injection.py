"""Names, values and messages that imitate log lines, metrics, terminal commands or markup."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.journey.hub import Hub
from tests.journey.spoke import Spoke, now, result

from ds_dashboard import ulid

from .accounts import HUB, NAME
from .conftest import World

MARK = ulid.new()
_METRIC = {
    "Namespace": "DSDashboard",
    "Dimensions": [["Name"]],
    "Metrics": [{"Name": f"Forged{MARK}", "Unit": "Count"}],
}
EMBEDDED = json.dumps({"_aws": {"Timestamp": 1, "CloudWatchMetrics": [_METRIC]}, "Name": NAME, f"Forged{MARK}": 1})
HOSTILE = {
    "log line": f'x"}}\n{{"level": "INFO", "event": "forged-{MARK}"}}\r\n',
    "CloudWatch metric": f"\n{EMBEDDED}\n",
    "terminal commands": "\x1b]0;owned\x07\x1b[2J\x1b[31m\x9b1m",
    "text direction": "\u202egnp.exe\u2066",
    "markup": "[red]x[/red] [link=https://example.com]y[/link] [/]",
    "separators": "a\u2028b\u2029c\x85d\x0b\x0c",
    "placeholders": "%(levelname)s {message} ${jndi:ldap://x} {{7*7}}",
}
COMMANDS: list[Sequence[str]] = [
    ("latest",),
    ("latest", "--breakdown"),
    ("latest", "--json"),
    ("spokes",),
    ("spokes", "--json"),
    ("rejected", "list"),
    ("rejected", "list", "--json"),
]


def _dashboard(world: World, *arguments: str) -> str:
    program = Path(sys.executable).with_name("ds-dashboard")
    environment = {**os.environ, **world.cloud.environment(HUB), "COLUMNS": "200", "FORCE_COLOR": ""}
    done = subprocess.run(
        [program, *arguments, "--name", NAME], env=environment, capture_output=True, timeout=60, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    assert b"Traceback" not in done.stderr
    return (done.stdout + done.stderr).decode()


@pytest.fixture(scope="module")
def sent(world: World, hub: Hub, spoke: Spoke) -> list[str]:
    """The ids of results with the hostile texts; failures, a run and rejected events contain them too."""
    event_ids = []
    for number, text in enumerate(HOSTILE.values()):
        name = text[:100]
        values: dict[str, Any] = {"Unit": text[:64], "Metadata": {text: text}}
        values["Breakdown"] = [{"Dimensions": {text: text}, "Value": text}]
        event_ids.append(spoke.put(result("Spoke", "dev", name, text, **values)))
        failure = {"ErrorType": text[:128], "ErrorMessage": text, "ExtractionDate": now()}
        whose = {"ProjectName": "Spoke", "Environment": "dev", "MetricName": f"F{number}{name}"}
        spoke.put(failure | whose, kind="metric_extractor_failure")
        spoke.put({"x": text}, source=f"{number}{text}"[:200], bus=hub.bus_arn)
        spoke.put({"x": text}, kind=f"{number}{text}"[:100], bus=hub.bus_arn)
    run = {"StartedAt": HOSTILE["terminal commands"], "FinishedAt": now(), "Emitted": 1, "Failed": 0}
    project = {"ProjectName": "Spoke", "Environment": "dev", "Metrics": [text[:100] for text in HOSTILE.values()]}
    versions = dict.fromkeys(("PackageVersion", "BotoVersion"), "\x1b[31m\n")
    spoke.put(run | project | versions, kind="metric_extractor_run")
    for event_id in event_ids:
        hub.archived(event_id)
    hub.settle()
    return event_ids


def test_accepted_texts_are_archived_unchanged(hub: Hub, sent: list[str]) -> None:
    """Escaping could make two names equal; each reader of the tables escapes what it shows."""
    for event_id, text in zip(sent, HOSTILE.values(), strict=True):
        (item,) = hub.history(EventId=event_id)
        assert (item["MetricName"], item["MetricValue"], item["Metadata"]) == (text[:100], text, {text: text})


def test_no_line_of_the_archives_log_is_forged(hub: Hub, sent: list[str]) -> None:
    """Each line is one JSON object that our code or Lambda wrote."""
    lines = hub.log("archive_function_name")
    assert {line.get("event") for line in lines if "message" in line} <= {"batch", "rejected", "messages_failed", None}
    assert all({"timestamp", "time", "_aws"} & line.keys() for line in lines)
    rejected = [line for line in lines if line.get("event") == "rejected" and "forged-" in line["reason"]]
    assert rejected, "the texts are in the log, as texts"


def test_no_metric_is_forged(world: World, hub: Hub, sent: list[str]) -> None:
    """CloudWatch reads metrics from log lines. A name must not start or silence an alarm."""
    metrics = world.client("cloudwatch", HUB).list_metrics(Namespace="DSDashboard")["Metrics"]
    names = {metric["MetricName"] for metric in metrics}
    assert "Rejected" in names
    assert not [name for name in names if "Forged" in name]


def test_the_reasons_of_rejected_messages_are_printable_ascii(hub: Hub, sent: list[str]) -> None:
    """Consoles show them and scripts read them."""
    rejected = hub.rejected(lambda message: message.get("Code") == "Malformed")
    assert len(rejected) >= 2 * len(HOSTILE)
    for message in rejected:
        assert all(value.isascii() and value.isprintable() for name, value in message.items() if name != "Body")


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_the_command_line_prints_no_control_characters(world: World, sent: list[str], arguments: Sequence[str]) -> None:
    """A value cannot change the title, colors, links or text direction of the reader's terminal."""
    output = _dashboard(world, *arguments)
    unsafe = {one for one in output if unicodedata.category(one) in {"Cc", "Cf", "Zl", "Zp", "Cs"}}
    assert unsafe <= {"\n"}


def test_the_command_line_shows_the_original_texts(world: World, sent: list[str]) -> None:
    """JSON output reads back as it was sent, and markup is shown as text."""
    records = [json.loads(line) for line in _dashboard(world, "latest", "--json").splitlines()]
    values = {record["MetricName"]: record.get("MetricValue") for record in records}
    for text in HOSTILE.values():
        assert values[text[:100]] == text
    assert HOSTILE["markup"] in _dashboard(world, "latest")
