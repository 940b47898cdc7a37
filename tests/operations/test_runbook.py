"""The runbook has a section for each alarm, and its commands do what it says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.support import pages
from tests.support.commands import Output, Person

from ds_dashboard_dev.checkout import CHECKOUT
from ds_dashboard_dev.testing import misconfigure
from ds_dashboard_dev.testing.pair import HUB, NAME, SOUTH
from ds_dashboard_dev.testing.waiting import eventually
from ds_dashboard_local import LocalCloud
from ds_dashboard_local.client.accounts import Account, allow

from .alarm_causes import CAUSES
from .conftest import World

RUNBOOK = CHECKOUT / "docs/runbook.md"
# Silent never answers, and these commands report it.
ALLOWED = {"doctor": (1,), "refresh": (3,)}
ALARMS = [alarm for _, alarms in CAUSES for alarm in alarms]


def sections() -> dict[str, str]:
    """Return the sections named after alarms: name to text."""
    parts = re.split(r"^## (.+)$", RUNBOOK.read_text(), flags=re.MULTILINE)
    texts = [re.split(r"^# ", text, flags=re.MULTILINE)[0] for text in parts[2::2]]
    return dict(zip(parts[1::2], texts, strict=True))


def commands(text: str) -> Iterator[list[str]]:
    """Yield the commands in the blocks of a text. They wait for a short time only."""
    return pages.commands(text.replace("--timeout 2m", "--timeout 5"))


def test_each_alarm_has_a_section() -> None:
    """And each section has an alarm."""
    assert sorted(sections()) == sorted(ALARMS)


def test_each_alarm_names_its_section(world: World) -> None:
    for account in (HUB, SOUTH):
        cloudwatch = world.pair.cloud.client("cloudwatch", account)
        found = cloudwatch.describe_alarms(AlarmNamePrefix=f"{NAME}-")["MetricAlarms"]
        assert found
        for alarm in found:
            assert alarm["AlarmDescription"].endswith(f"docs/runbook.md#{alarm['AlarmName'].removeprefix(f'{NAME}-')}")


def test_links_within_the_page_have_a_target() -> None:
    text = RUNBOOK.read_text()
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    targets = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= targets


@pytest.mark.parametrize("page", ["docs/runbook.md", "docs/day-2.md", "modules/spoke/README.md"])
def test_aws_commands_and_their_options_exist(page: str) -> None:
    """They are not run here, and a misspelt option would cost an operator time at night."""
    asked = [words for words in commands((CHECKOUT / page).read_text()) if words[:1] == ["aws"]]
    assert asked
    assert [words for words in asked if pages.unknown_options(words)] == []


# As Lambda writes them in the log format JSON, and whether a filter for errors finds them.
LOG_LINES: dict[str, tuple[dict[str, Any], bool]] = {
    "an error that the function logs": ({"level": "ERROR", "message": "failed"}, True),
    "an uncaught exception": ({"log_level": "ERROR", "errorType": "KeyError", "stackTrace": []}, True),
    "a time-out": ({"type": "platform.report", "record": {"requestId": "r", "status": "timeout"}}, True),
    "out of memory": (
        {"type": "platform.report", "record": {"status": "error", "errorType": "Runtime.OutOfMemory"}},
        True,
    ),
    "a success": ({"type": "platform.report", "record": {"requestId": "r", "status": "success"}}, False),
    "a line of information": ({"level": "INFO", "message": "no ERROR"}, False),
}


@pytest.mark.parametrize("line", LOG_LINES)
def test_the_filters_for_errors_find_what_ends_a_function(line: str) -> None:
    """Lambda's own lines about time-outs and memory do not contain the word ERROR."""
    fields, found = LOG_LINES[line]
    words = [words for words in commands(RUNBOOK.read_text()) if words[:2] == ["aws", "logs"]]
    patterns = {one[-1] for one in words if one[-1].startswith("{")}
    assert patterns
    for pattern in patterns:
        assert _matches(pattern, fields) is found


def test_the_filters_for_errors_find_a_function_that_was_ended(local_cloud: LocalCloud) -> None:
    """Its log has a time-out and an end for lack of memory, after a success that is not found."""
    account, group = Account(local_cloud, "640000000077"), "/aws/lambda/ended"
    account.logs.create_log_group(logGroupName=group)
    source = """
import time
def handler(event, context):
    if event == "time": time.sleep(30)
    if event == "memory": return len(bytearray(b"x") * (200 * 2 ** 20)) and time.sleep(5)
"""
    may_log = allow(["logs:CreateLogStream", "logs:PutLogEvents"])
    account.function("ended", source, may_log, LoggingConfig={"LogFormat": "JSON"}, Timeout=2, MemorySize=128)
    for event in (None, "time", "memory"):
        account.invoke("ended", event)
    lines = [json.loads(line) for line in account.log_lines(group)]
    (pattern,) = {words[-1] for words in commands(RUNBOOK.read_text()) if words[-1].startswith("{")}
    assert [line["record"]["status"] for line in lines if _matches(pattern, line)] == ["timeout", "error"]


def _matches(pattern: str, fields: dict[str, Any]) -> bool:
    """Evaluate a filter pattern of CloudWatch Logs: comparisons of JSON fields, joined by `||`."""
    for comparison in pattern.strip("{} ").split(" || "):
        path, value = comparison.split(" = ")
        found: Any = fields
        for name in path.removeprefix("$.").split("."):
            found = found.get(name) if isinstance(found, dict) else None
        if found == value.strip('"'):
            return True
    return False


@pytest.fixture(scope="module")
def followed(world: World, operators: dict[str, Person]) -> Iterator[dict[str, list[tuple[list[str], Output]]]]:
    """The output of the commands of each section, after everything has gone wrong and has been restored.

    Operators who have the modules' policies and nothing more run them. Each command runs once, however many sections
    have it. Several run at a time, since they mostly wait for queues; those that redrive come last.
    """
    for cause, _ in CAUSES:
        world.cause(cause)
    with misconfigure.parameter(world.hub, f"{world.hub.registry_path}/Stranger/dev", SOUTH):
        wanted = {
            alarm: [line for line in commands(sections()[alarm]) if line[0] == "ds-dashboard"] for alarm in ALARMS
        }
        each = dict.fromkeys((kind_of(alarm), *words) for alarm, lines in wanted.items() for words in lines)
        outputs: dict[tuple[str, ...], Output] = {}
        with ThreadPoolExecutor(6) as pool:
            for redriving in (False, True):
                now = [key for key in each if ("redrive" in key) is redriving]
                run = pool.map(lambda key: operators[key[0]].run(*key[2:]), now)
                outputs.update(zip(now, run, strict=True))
        yield {alarm: [(words, outputs[kind_of(alarm), *words]) for words in lines] for alarm, lines in wanted.items()}


def kind_of(alarm: str) -> str:
    """Return which installation an alarm belongs to, hub or spoke."""
    return "spoke" if alarm.startswith(("spoke-", "to-hubs-")) else "hub"


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_operator_can_run_the_commands(followed: dict[str, list[tuple[list[str], Output]]], alarm: str) -> None:
    """Each command does what the page says, and the operator has every permission that it needs."""
    assert followed[alarm]
    for words, output in followed[alarm]:
        assert output.code in (0, *ALLOWED.get(words[1], ())), (words, output)
        assert "NOT CHECKED" not in output.stdout, output.stdout


@pytest.mark.parametrize("alarm", [alarm for alarm in ALARMS if alarm.endswith("-not-empty")])
def test_the_queue_is_empty_afterwards(world: World, followed: object, alarm: str) -> None:
    role = re.sub("^hub-|-not-empty$", "", alarm)
    installation = world.installation(kind_of(alarm))
    eventually(lambda: installation.depth(role) == (0, 0), f"nothing on {installation.name}-{role}")


def test_nothing_is_broken_afterwards(followed: dict[str, list[tuple[list[str], Output]]]) -> None:
    """The doctor finds only a spoke that never reported, and that the tests' queue retries sooner than deployed."""
    outputs = [output for results in followed.values() for words, output in results if words[1] == "doctor"]
    broken = [line for one in outputs for line in one.stdout.splitlines() if line.startswith("BROKEN")]
    assert [line for line in broken if " is silent: " not in line and " s apart: " not in line] == []
