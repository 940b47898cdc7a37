"""`ds-dashboard doctor` on a deployed installation in which one link after the other is broken."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest
from tests.support.commands import run

from ds_dashboard_dev.testing import misconfigure
from ds_dashboard_dev.testing.installation import Installation
from ds_dashboard_dev.testing.pair import HUB, NAME, SOUTH
from ds_dashboard_local.client.accounts import allow

from .applied import Applied

ACCOUNTS = {"hub": HUB, "spoke": SOUTH}
_ROLE = f"{NAME}-eu-west-1"
_TABLES = f"arn:aws:dynamodb:eu-west-1:{HUB}:table/{NAME}"
_REGISTRY, _MONITORS = "/monitored_projects/South/dev", "/monitors/hub"


@dataclass(frozen=True)
class Case:
    """A breakage of one side, and what the doctor must report: parts of `link | cause | remedy`."""

    side: str
    finding: str
    breaks: Callable[[Installation], AbstractContextManager[None]]


def _hub(finding: str, breaks: Callable[..., AbstractContextManager[None]], *given: Any, **named: Any) -> Case:
    return Case("hub", finding, lambda one: breaks(one, *given, **named))


def _spoke(finding: str, breaks: Callable[..., AbstractContextManager[None]], *given: Any, **named: Any) -> Case:
    return Case("spoke", finding, lambda one: breaks(one, *given, **named))


_HUB_PARTS = [
    _hub(f"rule {NAME}-archive | disabled | aws events enable-rule", misconfigure.disabled_rule, "archive"),
    _hub(f"rule {NAME}-archive | no event is archived | modules/hub", misconfigure.rule_without_targets, "archive"),
    _hub(
        f"rule {NAME}-archive | rule-dead-letters | modules/hub",
        misconfigure.target_without,
        *("archive", "DeadLetterConfig"),
    ),
    _hub(
        f"rule {NAME}-archive | matches refreshes | modules/hub",
        misconfigure.rule_with_pattern,
        *("archive", {"source": ["metric_extractor"]}),
    ),
    _hub(
        f"policy of queue {NAME}-events | events.amazonaws.com | modules/hub",
        misconfigure.queue_without_policy,
        "events",
    ),
    _hub(
        f"queue {NAME}-function-dead-letters | does not exist | modules/hub",
        misconfigure.deleted_queue,
        "function-dead-letters",
    ),
    _hub("event source mapping | disabled | aws lambda update-event-source-mapping", misconfigure.paused_archive),
    _hub(
        f"role {_ROLE}-archive | dynamodb:PartiQLInsert on {_TABLES}-metrics | modules/hub",
        misconfigure.role_without_action,
        *("archive", "archive", "dynamodb:PartiQLInsert"),
    ),
    _hub(
        f"trust of role {_ROLE}-archive | lambda.amazonaws.com may not assume | modules/hub",
        misconfigure.role_with_other_trust,
        "archive",
    ),
    _hub(
        f"role {_ROLE}-refresh | permissions boundary | policy/boundary",
        misconfigure.role_with_boundary,
        "refresh",
    ),
    _hub(
        f"function {NAME}-archive | reserved concurrency is 0 | aws lambda delete-function-concurrency",
        misconfigure.function_with_concurrency,
        *("archive", 0),
    ),
    _hub(
        f"function {NAME}-archive | DS_DASHBOARD_LATEST_TABLE is 'other' | modules/hub",
        misconfigure.function_with_variables,
        "archive",
        DS_DASHBOARD_LATEST_TABLE="other",
    ),
    _hub(
        f"function {NAME}-refresh | on-failure | modules/hub",
        misconfigure.function_without_failure_destination,
        "refresh",
    ),
    _hub(f"schedule {NAME}-watch | disabled | modules/hub", misconfigure.disabled_schedule, "watch"),
    _hub(
        "spoke South/dev | is silent | ds-dashboard doctor --side spoke",
        misconfigure.function_with_variables,
        "watch",
        DS_DASHBOARD_SILENT_AFTER_HOURS="0.0000001",
    ),
    _hub("key  | is Disabled | aws kms enable-key --key-id", misconfigure.disabled_key),
]

_OTHER_PATH = {"DS_DASHBOARD_MONITORED_PROJECTS_PATH": "/elsewhere"}
# Settings that differ from what the modules set.
_HUB_SETTINGS = [
    *(
        _hub(
            f"function {NAME}-{role} | PATH is '/elsewhere', expected '/monitored_projects' | modules/hub",
            misconfigure.function_with_variables,
            role,
            **_OTHER_PATH,
        )
        for role in ("archive", "watch")
    ),
    _hub(
        f"function {NAME}-watch | 'soon', which is not a valid number of hours | modules/hub",
        misconfigure.function_with_variables,
        "watch",
        DS_DASHBOARD_SILENT_AFTER_HOURS="soon",
    ),
    _hub(
        f"function {NAME}-archive | DS_DASHBOARD_REJECTED_QUEUE_URL is not set | modules/hub",
        misconfigure.function_with_variables,
        "archive",
        DS_DASHBOARD_REJECTED_QUEUE_URL=None,
    ),
    _hub(
        f"function {NAME}-archive | Handler is 'nope.handler' | modules/hub",
        misconfigure.function_with,
        "archive",
        Handler="nope.handler",
    ),
    _hub(
        f"function {NAME}-watch | another package | terraform apply '-replace=module.hub.aws_lambda_function.functions",
        misconfigure.function_with_code,
        *("watch", "def handler(*_): return 1"),
    ),
    _hub(
        f"function {NAME}-archive | Timeout is 1, expected 60 | modules/hub",
        misconfigure.function_with,
        "archive",
        Timeout=1,
    ),
    _hub(
        "event source mapping | filters messages | aws lambda update-event-source-mapping",
        misconfigure.filtering_archive,
    ),
    _hub(
        f"rule {NAME}-archive | InputPath | modules/hub",
        misconfigure.target_with,
        *("archive",),
        InputPath="$.detail",
    ),
    _hub(f"queue {NAME}-events | 1 s apart | modules/hub", misconfigure.queue_with, "events", VisibilityTimeout="1"),
    _hub(
        f"queue {NAME}-rejected | up to 262144 bytes | modules/hub",
        misconfigure.queue_with,
        "events",
        MaximumMessageSize="1048576",
    ),
    _hub(
        f"queue {NAME}-function-dead-letters | for 60 s | modules/hub",
        misconfigure.queue_with,
        "function-dead-letters",
        MessageRetentionPeriod="60",
    ),
]

_HUB_CONNECTION = [
    _hub(f"policy of event bus {NAME}-hub | account {SOUTH} | modules/connection", misconfigure.bus_without_policy),
    _hub(f"forwarding to {SOUTH} | {_REGISTRY} | modules/connection", misconfigure.rule_without_targets, f"to-{SOUTH}"),
    _hub(f"rule {NAME}-to-{SOUTH} | disabled | aws events enable-rule", misconfigure.disabled_rule, f"to-{SOUTH}"),
    _hub(
        f"rule {NAME}-to-{SOUTH} | matches results, replayed refreshes | modules/connection",
        misconfigure.rule_with_pattern,
        *(f"to-{SOUTH}", {"source": ["metric_extractor"], "account": [HUB]}),
    ),
    _hub(
        f"role {_ROLE}-to-spokes | events:PutEvents on arn:aws:events:eu-west-1:{SOUTH} | modules/connection",
        misconfigure.role_without_action,
        *("to-spokes", "forward", "events:PutEvents"),
    ),
    _hub(
        f"parameter {_REGISTRY} | '12345' | aws ssm put-parameter --overwrite",
        misconfigure.parameter,
        *(_REGISTRY, "12345"),
    ),
    _hub(
        "forwarding to 777777777777 | no rule | modules/connection",
        misconfigure.parameter,
        *("/monitored_projects/Beta/dev", "777777777777"),
    ),
]

_SPOKE_PARTS = [
    _spoke(f"rule {NAME}-extract | disabled | aws events enable-rule", misconfigure.disabled_rule, "extract"),
    _spoke(f"rule {NAME}-extract | no refresh | modules/spoke", misconfigure.rule_without_targets, "extract"),
    _spoke(
        f"policy of function {NAME}-extract | events.amazonaws.com | modules/spoke",
        misconfigure.function_without_policy,
        "extract",
    ),
    _spoke(
        f"role {_ROLE}-extract | events:PutEvents | modules/spoke",
        misconfigure.role_without_action,
        *("extract", "metrics", "events:PutEvents"),
    ),
    _spoke(
        f"function {NAME}-extract | reserved concurrency is 0 | aws lambda delete-function-concurrency",
        misconfigure.function_with_concurrency,
        *("extract", 0),
    ),
    _spoke(
        f"schedule {NAME}-extract | disabled | modules/spoke",
        misconfigure.disabled_schedule,
        "extract",
    ),
    _spoke(
        f"function {NAME}-extract | Handler is 'nope.handler' | modules/spoke",
        misconfigure.function_with,
        "extract",
        Handler="nope.handler",
    ),
]

_SPOKE_CONNECTION = [
    _spoke(f"policy of event bus {NAME}-spoke | account {HUB} | modules/connection", misconfigure.bus_without_policy),
    _spoke(
        f"parameter {_MONITORS} | 'hub' | aws ssm put-parameter --overwrite",
        misconfigure.parameter,
        *(_MONITORS, "hub"),
    ),
    _spoke(
        f"rule {NAME}-to-{HUB} | to-hubs-dead-letters | modules/connection",
        misconfigure.target_without,
        *(f"to-{HUB}", "DeadLetterConfig"),
    ),
    _spoke(
        f"trust of role {_ROLE}-to-hubs | events.amazonaws.com may not assume | modules/connection",
        misconfigure.role_with_other_trust,
        "to-hubs",
    ),
    _spoke(
        f"policy of queue {NAME}-to-hubs-dead-letters | events.amazonaws.com | modules/connection",
        misconfigure.queue_without_policy,
        "to-hubs-dead-letters",
    ),
]

# tests/operations/test_without_grants.py tests each grant of a key.
CASES = [*_HUB_PARTS, *_HUB_SETTINGS, *_HUB_CONNECTION, *_SPOKE_PARTS, *_SPOKE_CONNECTION]


def _broken(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in found if line["Status"] == "BROKEN"]


@pytest.fixture(scope="session")
def answered(applied: Applied) -> Applied:
    """An installation whose spokes have responded to a refresh, so that they are not silent."""
    applied.refresh("--wait", "--timeout", "60")
    applied.hub.refreshed("North/dev", Projects=["North"], Metrics=["Tenth"])
    return applied


@pytest.mark.parametrize(("side", "account"), [*ACCOUNTS.items()])
def test_an_installation_without_changes_has_no_broken_link(side: str, account: str, answered: Applied) -> None:
    """A metric that fails is a warning with the reason, not a broken link."""
    result = answered.run("doctor", "--side", side, account=account)
    assert "BROKEN" not in result.stdout
    assert "NOT CHECKED" not in result.stdout
    assert "0 broken" in result.stderr
    assert "WARNING" in result.stdout
    every = answered.lines("doctor", "--side", side, "--all", account=account)
    assert {line["Status"] for line in every} == {"ok", "WARNING"}


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case.side} {case.finding}") for case in CASES])
def test_each_breakage_is_found_with_its_remedy(case: Case, answered: Applied) -> None:
    """The finding names the link and the cause, and a command that fixes it."""
    thing, cause, remedy = case.finding.split(" | ")
    with case.breaks(answered.hub if case.side == "hub" else answered.spoke):
        broken = _broken(answered.lines("doctor", "--side", case.side, account=ACCOUNTS[case.side], code=1))
    matching = [line for line in broken if thing in line["Thing"] and cause in line["Cause"]]
    assert matching, broken
    assert remedy in matching[0]["Cure"], matching
    assert all(line["Cure"].startswith(("aws ", "terraform apply", "ds-dashboard ", "Allow ")) for line in broken)


def test_a_spoke_that_reports_from_another_region_is_named(answered: Applied) -> None:
    """Its events are rejected. A bare account ID would have meant the hub's region."""
    bus = f"arn:aws:events:us-east-1:{SOUTH}:event-bus/{NAME}-spoke"
    with misconfigure.parameter(answered.hub, _REGISTRY, bus):
        found = answered.lines("doctor", "--side", "hub", code=1)
    causes = [line["Cause"] for line in found if line["Status"] == "WARNING"]
    assert any(f"last reported from account {SOUTH} in eu-west-1" in cause and bus in cause for cause in causes), causes


def test_every_breakage_was_restored(answered: Applied) -> None:
    """Otherwise a test above may have found the breakage of another test."""
    for side, account in ACCOUNTS.items():
        assert _broken(answered.lines("doctor", "--side", side, account=account)) == []


def test_checks_without_permission_are_reported_and_skipped(answered: Applied) -> None:
    """An operator with some of the permissions sees which checks were skipped."""
    readers = [
        allow(
            [
                "dynamodb:*",
                "sqs:*",
                "events:*",
                "logs:*",
                "ssm:*",
                "lambda:*",
                "scheduler:*",
                "kms:*",
                "cloudwatch:*",
                "sns:*",
            ]
        )
    ]
    env = answered.credentials(answered.hub, "half-a-doctor", *readers)
    found = answered.lines("doctor", "--side", "hub", **env)
    unchecked = [line for line in found if line["Status"] == "NOT CHECKED"]
    assert unchecked
    assert all("iam:GetRole" in line["Cause"] for line in unchecked)
    assert _broken(found) == []


def test_an_account_without_the_side_is_one_error(answered: Applied) -> None:
    """The doctor does not list every resource as missing."""
    result = answered.run("doctor", "--side", "spoke", code=1)
    assert f"spoke {NAME}: does not exist in account {HUB}" in result.stderr
    assert result.stdout == ""
    run("doctor", code=2)
