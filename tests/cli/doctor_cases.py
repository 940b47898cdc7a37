"""Breakages of an installation, and what the doctor must report for each: the link | the cause | the remedy."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from ds_dashboard_dev.testing import misconfigure
from ds_dashboard_dev.testing.installation import Installation
from ds_dashboard_dev.testing.pair import HUB, NAME
from ds_dashboard_dev.testing.pair import SOUTH as SPOKE

_ROLE = f"{NAME}-eu-west-1"
_TABLES = f"arn:aws:dynamodb:eu-west-1:{HUB}:table/{NAME}"
_REGISTRY, _MONITORS = "/monitored_projects/South/dev", "/monitors/hub"


@dataclass(frozen=True)
class Case:
    """A breakage of one side, and parts of the link, cause and remedy that must be reported."""

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
        f"function {NAME}-archive | Handler is 'nope.handler' | modules/hub",
        misconfigure.function_with,
        "archive",
        Handler="nope.handler",
    ),
    _hub(
        f"function {NAME}-watch | another package | aws lambda update-function-code",
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
        f"queue {NAME}-function-dead-letters | for 60 s | modules/hub",
        misconfigure.queue_with,
        "function-dead-letters",
        MessageRetentionPeriod="60",
    ),
]

_HUB_CONNECTION = [
    _hub(f"policy of event bus {NAME}-hub | account {SPOKE} | modules/connection", misconfigure.bus_without_policy),
    _hub(f"forwarding to {SPOKE} | {_REGISTRY} | modules/connection", misconfigure.rule_without_targets, f"to-{SPOKE}"),
    _hub(f"rule {NAME}-to-{SPOKE} | disabled | aws events enable-rule", misconfigure.disabled_rule, f"to-{SPOKE}"),
    _hub(
        f"rule {NAME}-to-{SPOKE} | matches results, replayed refreshes | modules/connection",
        misconfigure.rule_with_pattern,
        *(f"to-{SPOKE}", {"source": ["metric_extractor"], "account": [HUB]}),
    ),
    _hub(
        f"role {_ROLE}-to-spokes | events:PutEvents on arn:aws:events:eu-west-1:{SPOKE} | modules/connection",
        misconfigure.role_without_action,
        *("to-spokes", "forward", "events:PutEvents"),
    ),
    _hub(
        f"parameter {_REGISTRY} | '12345' | aws ssm put-parameter --type String --overwrite",
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
        f"parameter {_MONITORS} | 'hub' | aws ssm put-parameter --type String --overwrite",
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
