"""Names, values and messages that imitate log lines, metrics, terminal commands or markup."""

from __future__ import annotations

import json
import os
import subprocess
import unicodedata
from collections.abc import Sequence
from typing import Any

import pytest

from ds_dashboard import ulid
from ds_dashboard_dev.checkout import venv_program
from ds_dashboard_dev.testing.events import FAILURE, RUN, failure, instant, result, run
from ds_dashboard_dev.testing.installation import Hub, Spoke

MARK = ulid.new()
_METRIC = {
    "Namespace": "DSDashboard",
    "Dimensions": [["Name"]],
    "Metrics": [{"Name": f"Forged{MARK}", "Unit": "Count"}],
}
EMBEDDED = json.dumps({"_aws": {"Timestamp": 1, "CloudWatchMetrics": [_METRIC]}, "Name": "guard", f"Forged{MARK}": 1})
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


def _dashboard(hub: Hub, *arguments: str) -> str:
    environment = {**os.environ, **hub.cloud.environment(hub.account), "COLUMNS": "200", "FORCE_COLOR": ""}
    done = subprocess.run(
        [venv_program("ds-dashboard"), *arguments, "--name", hub.name],
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    assert b"Traceback" not in done.stderr
    return (done.stdout + done.stderr).decode()


@pytest.fixture(scope="module")
def sent(hub: Hub, spoke: Spoke) -> list[str]:
    """The ids of results with the hostile texts; failures, a run and rejected events contain them too."""
    event_ids = []
    for number, text in enumerate(HOSTILE.values()):
        name = text[:100]
        values: dict[str, Any] = {"Unit": text[:64], "Metadata": {text: text}}
        values["Breakdown"] = [{"Dimensions": {text: text}, "Value": text}]
        event_ids.append(spoke.put(result("Spoke/dev", name, text, **values)))
        failed = failure("Spoke/dev", f"F{number}{name}", ErrorType=text[:128], ErrorMessage=text)
        spoke.put(failed, kind=FAILURE)
        spoke.put({"x": text}, source=f"{number}{text}"[:200], bus_arn=hub.bus_arn)
        spoke.put({"x": text}, kind=f"{number}{text}"[:100], bus_arn=hub.bus_arn)
    times = {"StartedAt": HOSTILE["terminal commands"], "FinishedAt": instant(), "Emitted": 1}
    versions = dict.fromkeys(("PackageVersion", "BotoVersion"), "\x1b[31m\n")
    metrics = [text[:100] for text in HOSTILE.values()]
    spoke.put(run("Spoke/dev", ulid.new(), **times, **versions, Metrics=metrics), kind=RUN)
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
    lines = hub.log_of("archive")
    assert {line.get("event") for line in lines if "message" in line} <= {"batch", "rejected", "messages_failed", None}
    assert all({"timestamp", "time", "_aws"} & line.keys() for line in lines)
    rejected = [line for line in lines if line.get("event") == "rejected" and "forged-" in line["reason"]]
    assert rejected, "the texts are in the log, as texts"


def test_no_metric_is_forged(hub: Hub, sent: list[str]) -> None:
    """CloudWatch reads metrics from log lines. A name must not start or silence an alarm."""
    metrics = hub.client("cloudwatch").list_metrics(Namespace="DSDashboard")["Metrics"]
    names = {metric["MetricName"] for metric in metrics}
    assert "Rejected" in names
    assert not [name for name in names if "Forged" in name]


def test_the_reasons_of_rejected_messages_are_printable_ascii(hub: Hub, sent: list[str]) -> None:
    """Consoles show them and scripts read them."""
    rejected = hub.rejected(lambda message: message.attributes.get("Code") == "Malformed")
    assert len(rejected) >= 2 * len(HOSTILE)
    for message in rejected:
        assert all(value.isascii() and value.isprintable() for value in message.attributes.values())


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_the_command_line_prints_no_control_characters(hub: Hub, sent: list[str], arguments: Sequence[str]) -> None:
    """A value cannot change the title, colors, links or text direction of the reader's terminal."""
    output = _dashboard(hub, *arguments)
    unsafe = {one for one in output if unicodedata.category(one) in {"Cc", "Cf", "Zl", "Zp", "Cs"}}
    assert unsafe <= {"\n"}


def test_the_command_line_shows_the_original_texts(hub: Hub, sent: list[str]) -> None:
    """JSON output reads back as it was sent, and markup is shown as text."""
    records = [json.loads(line) for line in _dashboard(hub, "latest", "--json").splitlines()]
    values = {record["MetricName"]: record.get("MetricValue") for record in records}
    for text in HOSTILE.values():
        assert values[text[:100]] == text
    assert HOSTILE["markup"] in _dashboard(hub, "latest")
