"""The runbook has a section for each alarm, and what it says to run does what it says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import botocore.session
import pytest
from tests.journey.company import Parameter
from tests.journey.polling import eventually

from ds_dashboard_dev.checkout import CHECKOUT

from .causes import CAUSES, NAME
from .conftest import HUB, SPOKE, World
from .people import Person, Said

RUNBOOK = CHECKOUT / "docs/runbook.md"
# Silent never answers, which is what these are there to say.
ALLOWED = {"doctor": (1,), "refresh": (3,)}
ALARMS = [alarm for _, alarms in CAUSES for alarm in alarms]


def sections() -> dict[str, str]:
    """The sections named after alarms: name to text."""
    parts = re.split(r"^## (.+)$", RUNBOOK.read_text(), flags=re.MULTILINE)
    texts = [re.split(r"^# ", text, flags=re.MULTILINE)[0] for text in parts[2::2]]
    return dict(zip(parts[1::2], texts, strict=True))


def commands(text: str) -> Iterator[list[str]]:
    """The commands in the blocks of a text, without their comments."""
    for block in re.findall(r"^```sh\n(.+?)^```$", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            yield shlex.split(line.replace("--timeout 2m", "--timeout 5"), comments=True)


def test_each_alarm_has_a_section() -> None:
    """And each section an alarm: a page that is not found is of no help, nor one about what no longer is."""
    assert sorted(sections()) == sorted(ALARMS)


def test_each_alarm_names_its_section(world: World) -> None:
    for account in (HUB, SPOKE):
        cloudwatch = world.cloud.client("cloudwatch", account)
        found = cloudwatch.describe_alarms(AlarmNamePrefix=f"{NAME}-")["MetricAlarms"]
        assert found
        for alarm in found:
            assert alarm["AlarmDescription"].endswith(f"docs/runbook.md#{alarm['AlarmName'].removeprefix(f'{NAME}-')}")


def test_links_within_the_page_lead_somewhere() -> None:
    text = RUNBOOK.read_text()
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= set(sections())


def test_commands_of_aws_are_ones_that_it_has() -> None:
    """They are not run here; a misspelt option would be found by whoever is woken at night."""
    session = botocore.session.get_session()
    asked = [words for words in commands(RUNBOOK.read_text()) if words[0] == "aws"]
    assert asked
    for _, service, operation, *options in asked:
        model = session.get_service_model(service)
        called = {kebab(name): name for name in model.operation_names}[operation]
        shape = model.operation_model(called).input_shape
        members = set() if shape is None else {f"--{kebab(name)}" for name in shape.members}
        assert {option for option in options if option.startswith("--")} <= members


def kebab(name: str) -> str:
    """`log-group-name` of `logGroupName`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


@pytest.fixture(scope="module")
def followed(world: World, operators: dict[str, Person]) -> dict[str, list[tuple[list[str], Said]]]:
    """What was said to the commands of each section, once all has gone wrong that can, and has been mended.

    By operators who have the modules' policies and no more. Each command runs once, whatever the number of sections it
    stands in, and several run at a time, since they mostly wait for queues; what sends again comes last.
    """
    for cause, _ in CAUSES:
        world.cause(cause)
    Parameter(HUB, "/monitored_projects/Stranger/dev", SPOKE).put(world.cloud)
    wanted = {alarm: [words for words in commands(sections()[alarm]) if words[0] == "ds-dashboard"] for alarm in ALARMS}
    asked = dict.fromkeys((side_of(alarm), *words) for alarm, lines in wanted.items() for words in lines)
    said: dict[tuple[str, ...], Said] = {}
    with ThreadPoolExecutor(6) as pool:
        for sending in (False, True):
            now = [key for key in asked if ("redrive" in key) is sending]
            said.update(zip(now, pool.map(lambda key: operators[key[0]].run(*key[2:]), now), strict=True))
    return {alarm: [(words, said[side_of(alarm), *words]) for words in lines] for alarm, lines in wanted.items()}


def side_of(alarm: str) -> str:
    """In whose account the alarm is."""
    return "spoke" if alarm.startswith(("spoke-", "to-hubs-")) else "hub"


@pytest.mark.parametrize("alarm", ALARMS)
def test_what_it_says_can_be_done(followed: dict[str, list[tuple[list[str], Said]]], alarm: str) -> None:
    """Each command does what the page says it does, and nothing is kept from an operator."""
    assert followed[alarm]
    for words, said in followed[alarm]:
        assert said.code in (0, *ALLOWED.get(words[1], ())), (words, said)
        assert "NOT CHECKED" not in said.output, said.output


@pytest.mark.parametrize("alarm", [alarm for alarm in ALARMS if alarm.endswith("-not-empty")])
def test_the_queue_is_empty_then(world: World, followed: object, alarm: str) -> None:
    queue = f"{NAME}-{re.sub('^hub-|-not-empty$', '', alarm)}"
    sqs = (world.spoke if side_of(alarm) == "spoke" else world.hub).client("sqs")
    eventually(lambda: depth(sqs, queue) == 0, f"nothing on {queue}")


def test_nothing_is_broken_then(followed: dict[str, list[tuple[list[str], Said]]]) -> None:
    """All that the doctor finds is that some have never reported, and that the tests' queue tries again sooner."""
    said = [said for results in followed.values() for words, said in results if words[1] == "doctor"]
    broken = [line for one in said for line in one.output.splitlines() if line.startswith("BROKEN")]
    assert [line for line in broken if " is silent: " not in line and " s apart: " not in line] == []


def depth(sqs: Any, queue: str) -> int:
    """How many messages are on a queue."""
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return int(attributes["ApproximateNumberOfMessages"]) + int(attributes["ApproximateNumberOfMessagesNotVisible"])
