"""What somebody changed by hand is visible in a plan, and `-replace`, the fix of some of it, leaves nothing behind."""

from __future__ import annotations

import json
from contextlib import ExitStack

import pytest

from ds_dashboard_dev.terraform import Changes
from ds_dashboard_dev.testing import misconfigure
from ds_dashboard_dev.testing.pair import NORTH

from .conftest import World

_RULE = "aws_cloudwatch_event_rule.this"
_NORTH_BUS = f"arn:aws:events:eu-west-1:{NORTH}:event-bus/pair-spoke"
DISABLED = {
    "module.hub.aws_cloudwatch_event_rule.archive",
    "module.hub.aws_cloudwatch_metric_alarm.this[\"rejected\"]",
    "module.hub.aws_lambda_event_source_mapping.archive",
    "module.hub.aws_scheduler_schedule.refresh[0]",
    f'module.hub_connection.module.hub_forwarding[0].module.forward["{_NORTH_BUS}"].{_RULE}',
    "module.south.aws_cloudwatch_event_rule.extraction",
    "module.south.aws_scheduler_schedule.extraction[0]",
}  # fmt: skip
REPLACED = (
    'module.hub.aws_lambda_function.functions["archive"]',
    'module.hub.aws_lambda_function.functions["refresh"]',
    "module.south.aws_lambda_function.extractor",
    "module.south.aws_scheduler_schedule_group.this[0]",
    # Not encrypted with a key of its own: only a new function has a grant for the new role.
    "module.north.aws_iam_role.extractor",
)


@pytest.fixture(scope="module")
def drifted(world: World) -> Changes:
    """A plan while everything that can be disabled is disabled, and two functions run other code."""
    hub, south, rejected = world.hub, world.pair.south, {"AlarmNames": ["pair-hub-rejected"]}
    code = "def handler(event, context):\n    return None\n"
    hub.settle()
    with ExitStack() as stack:
        for broken in (
            misconfigure.disabled_rule(hub, "archive"),
            misconfigure.disabled_rule(hub, f"to-{NORTH}"),
            misconfigure.disabled_rule(south, "extract"),
            misconfigure.disabled_schedule(hub, "refresh"),
            misconfigure.disabled_schedule(south, "extract"),
            misconfigure.paused_archive(hub),
            misconfigure.function_with_code(hub, "watch", code),
            misconfigure.function_with_code(south, "extract", code),
        ):
            stack.enter_context(broken)
        hub.client("cloudwatch").disable_alarm_actions(**rejected)
        stack.callback(hub.client("cloudwatch").enable_alarm_actions, **rejected)
        return world.pair.plan()


def test_what_is_disabled_by_hand_is_enabled_by_the_next_apply(drifted: Changes) -> None:
    """Rules, schedules, the mapping of the queue, and the actions of alarms."""
    assert set(drifted.of("update")) >= DISABLED


def test_code_that_is_replaced_by_hand_is_a_warning(drifted: Changes) -> None:
    """Terraform compares the package with its state and not with the code."""
    warnings = [text for text in drifted.warnings if "SHA-256" in text]
    assert sorted(text.split("-replace=")[1].split("'")[1] for text in warnings) == [
        'module.hub.aws_lambda_function.functions["watch"]',
        "module.spoke.aws_lambda_function.extractor",
    ]


def test_a_replaced_function_keeps_its_triggers_and_its_failure_destination(world: World) -> None:
    """Lambda deletes its permissions and its destination with it, and Scheduler the schedules with their group."""
    hub, pair = world.hub, world.pair
    # Lambda rejects a new mapping if the queue retries sooner than the function ends, as it does in these tests.
    with misconfigure.queue_with(hub, "events", VisibilityTimeout="360"):
        changes = pair.replace(*REPLACED)
    assert set(changes.of("replace")) >= {
        *REPLACED,
        "module.hub.aws_lambda_event_source_mapping.archive",
        'module.hub.aws_lambda_function_event_invoke_config.functions["refresh"]',
        "module.north.aws_lambda_function.extractor",
        "module.north.aws_lambda_function_event_invoke_config.extractor",
        "module.north.aws_lambda_permission.extraction",
        "module.south.aws_lambda_function_event_invoke_config.extractor",
        "module.south.aws_lambda_permission.extraction",
        "module.south.aws_scheduler_schedule.extraction[0]",
    }
    for spoke in pair.spokes:
        policy = spoke.client("lambda").get_policy(FunctionName=spoke.function_name("extract"))["Policy"]
        assert [statement["Sid"] for statement in json.loads(policy)["Statement"]] == ["ExtractionRule"]
    for installation, role in ((hub, "refresh"), (pair.north, "extract"), (pair.south, "extract")):
        configured = installation.client("lambda").get_function_event_invoke_config(
            FunctionName=installation.function_name(role)
        )
        assert configured["DestinationConfig"]["OnFailure"]["Destination"]
    assert pair.south.client("scheduler").get_schedule(GroupName="pair-spoke", Name="pair-extract")
    hub.refreshed("North/dev", "South/dev", Projects=["North", "South"])
