"""Breakages of an installation, and what the doctor must report for each: the link | the cause | the remedy."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from ds_dashboard_local.client.accounts import Account

from . import breakages
from .applied import HUB, NAME, SPOKE

_ROLE = f"{NAME}-eu-west-1"
_TABLES = f"arn:aws:dynamodb:eu-west-1:{HUB}:table/{NAME}"
_REGISTRY, _MONITORS = "/monitored_projects/Alpha/dev", "/monitors/central"


@dataclass(frozen=True)
class Case:
    """A breakage of one side, and parts of the link, cause and remedy that must be reported."""

    side: str
    finding: str
    breaks: Callable[[Account], AbstractContextManager[None]]


def _hub(finding: str, breaks: Callable[..., AbstractContextManager[None]], *given: Any, **named: Any) -> Case:
    return Case("hub", finding, lambda account: breaks(account, *given, **named))


def _spoke(finding: str, breaks: Callable[..., AbstractContextManager[None]], *given: Any, **named: Any) -> Case:
    return Case("spoke", finding, lambda account: breaks(account, *given, **named))


_HUB_PARTS = [
    _hub(f"rule {NAME}-archive | disabled | aws events enable-rule", breakages.disabled_rule, "hub", "archive"),
    _hub(f"rule {NAME}-archive | no event is archived | modules/hub", breakages.rule_without_targets, "hub", "archive"),
    _hub(
        f"rule {NAME}-archive | rule-dead-letters | modules/hub",
        breakages.target_without,
        *("hub", "archive", "DeadLetterConfig"),
    ),
    _hub(
        f"rule {NAME}-archive | matches refreshes | modules/hub",
        breakages.changed_pattern,
        *("hub", "archive", {"source": ["metric_extractor"]}),
    ),
    _hub(
        f"policy of queue {NAME}-events | events.amazonaws.com | modules/hub", breakages.queue_without_policy, "events"
    ),
    _hub(
        f"queue {NAME}-function-dead-letters | does not exist | modules/hub",
        breakages.deleted_queue,
        "function-dead-letters",
    ),
    _hub("event source mapping | disabled | aws lambda update-event-source-mapping", breakages.disabled_mapping),
    _hub(
        f"role {_ROLE}-archive | dynamodb:PartiQLInsert on {_TABLES}-metrics | modules/hub",
        breakages.role_without_action,
        *(f"{_ROLE}-archive", "archive", "dynamodb:PartiQLInsert"),
    ),
    _hub(
        f"trust of role {_ROLE}-archive | lambda.amazonaws.com may not assume | modules/hub",
        breakages.role_without_trust,
        f"{_ROLE}-archive",
    ),
    _hub(
        f"role {_ROLE}-refresh | permissions boundary | policy/boundary",
        breakages.role_with_boundary,
        f"{_ROLE}-refresh",
    ),
    _hub(
        f"function {NAME}-archive | reserved concurrency is 0 | aws lambda delete-function-concurrency",
        breakages.function_without_concurrency,
        "archive",
    ),
    _hub(
        f"function {NAME}-archive | DS_DASHBOARD_LATEST_TABLE is 'other' | modules/hub",
        breakages.changed_environment,
        "archive",
        DS_DASHBOARD_LATEST_TABLE="other",
    ),
    _hub(
        f"function {NAME}-refresh | on-failure | modules/hub", breakages.function_without_failure_destination, "refresh"
    ),
    _hub(
        f"schedule {NAME}-watch | disabled | modules/hub", breakages.disabled_schedule, f"{NAME}-hub", f"{NAME}-watch"
    ),
    _hub(
        "spoke Alpha/dev | is silent | ds-dashboard doctor --side spoke",
        breakages.changed_environment,
        "watch",
        DS_DASHBOARD_SILENT_AFTER_HOURS="0.0000001",
    ),
]

_OTHER_PATH = {"DS_DASHBOARD_MONITORED_PROJECTS_PATH": "/elsewhere"}
# Settings that differ from what the modules set.
_HUB_SETTINGS = [
    *(
        _hub(
            f"function {NAME}-{role} | PATH is '/elsewhere', expected '/monitored_projects' | modules/hub",
            breakages.changed_environment,
            role,
            **_OTHER_PATH,
        )
        for role in ("archive", "watch")
    ),
    _hub(
        f"function {NAME}-watch | 'soon', which is not a valid number of hours | modules/hub",
        breakages.changed_environment,
        "watch",
        DS_DASHBOARD_SILENT_AFTER_HOURS="soon",
    ),
    _hub(
        f"function {NAME}-archive | Handler is 'nope.handler' | modules/hub",
        breakages.changed_function,
        "archive",
        Handler="nope.handler",
    ),
    _hub(f"function {NAME}-watch | another package | aws lambda update-function-code", breakages.changed_code, "watch"),
    _hub(
        f"function {NAME}-archive | Timeout is 1, expected 60 | modules/hub",
        breakages.changed_function,
        "archive",
        Timeout=1,
    ),
    _hub(
        "event source mapping | filters messages | aws lambda update-event-source-mapping", breakages.filtering_mapping
    ),
    _hub(
        f"rule {NAME}-archive | InputPath | modules/hub",
        breakages.changed_target,
        *("hub", "archive"),
        InputPath="$.detail",
    ),
    _hub(f"queue {NAME}-events | 1 s apart | modules/hub", breakages.changed_queue, "events", VisibilityTimeout="1"),
    _hub(
        f"queue {NAME}-function-dead-letters | for 60 s | modules/hub",
        breakages.changed_queue,
        "function-dead-letters",
        MessageRetentionPeriod="60",
    ),
]

_HUB_CONNECTION = [
    _hub(f"policy of event bus {NAME}-hub | account {SPOKE} | modules/connection", breakages.bus_without_policy, "hub"),
    _hub(f"forwarding to {SPOKE} | {_REGISTRY} | modules/connection", breakages.rule_without_targets, "hub", "to-"),
    _hub(f"rule {NAME}-to-{SPOKE} | disabled | aws events enable-rule", breakages.disabled_rule, "hub", "to-"),
    _hub(
        f"rule {NAME}-to-{SPOKE} | matches results, replayed refreshes | modules/connection",
        breakages.changed_pattern,
        *("hub", "to-", {"source": ["metric_extractor"], "account": [HUB]}),
    ),
    _hub(
        f"role {_ROLE}-to-spokes | events:PutEvents on arn:aws:events:eu-west-1:{SPOKE} | modules/connection",
        breakages.role_without_action,
        *(f"{_ROLE}-to-spokes", "forward", "events:PutEvents"),
    ),
    _hub(
        f"parameter {_REGISTRY} | '12345' | aws ssm put-parameter --type String --overwrite",
        breakages.changed_parameter,
        *(_REGISTRY, "12345"),
    ),
    _hub(
        "forwarding to 777777777777 | no rule | modules/connection",
        breakages.changed_parameter,
        *("/monitored_projects/Beta/dev", "777777777777"),
    ),
]

_HUB_KEY = [
    _hub("key  | is Disabled | aws kms enable-key --key-id", breakages.disabled_key),
    *(
        _hub(f"policy of key | the grant WatchMe{grant} | aws kms put-key-policy", breakages.key_without_grant, grant)
        for grant in ("HubBus", "HubQueue", "HubLogs", "HubEventBridge", "HubAccount")
    ),
    _hub(
        f"role {_ROLE}-archive | kms:GenerateDataKey | modules/hub",
        breakages.role_without_action,
        *(f"{_ROLE}-archive", "archive", "kms:GenerateDataKey"),
    ),
]

_SPOKE_PARTS = [
    _spoke(f"rule {NAME}-extract | disabled | aws events enable-rule", breakages.disabled_rule, "spoke", "extract"),
    _spoke(f"rule {NAME}-extract | no refresh | modules/spoke", breakages.rule_without_targets, "spoke", "extract"),
    _spoke(
        f"policy of function {NAME}-extract | events.amazonaws.com | modules/spoke",
        breakages.function_without_policy,
        "extract",
    ),
    _spoke(
        f"role {_ROLE}-extract | events:PutEvents | modules/spoke",
        breakages.role_without_action,
        *(f"{_ROLE}-extract", "metrics", "events:PutEvents"),
    ),
    _spoke(
        f"function {NAME}-extract | reserved concurrency is 0 | aws lambda delete-function-concurrency",
        breakages.function_without_concurrency,
        "extract",
    ),
    _spoke(
        f"schedule {NAME}-extract | disabled | modules/spoke",
        breakages.disabled_schedule,
        *(f"{NAME}-spoke", f"{NAME}-extract"),
    ),
    _spoke(
        f"function {NAME}-extract | Handler is 'nope.handler' | modules/spoke",
        breakages.changed_function,
        "extract",
        Handler="nope.handler",
    ),
    _spoke(
        "policy of key | the grant WatchMeSpokeBus | aws kms put-key-policy", breakages.key_without_grant, "SpokeBus"
    ),
]

_SPOKE_CONNECTION = [
    _spoke(
        f"policy of event bus {NAME}-spoke | account {HUB} | modules/connection", breakages.bus_without_policy, "spoke"
    ),
    _spoke(
        f"parameter {_MONITORS} | 'hub' | aws ssm put-parameter --type String --overwrite",
        breakages.changed_parameter,
        *(_MONITORS, "hub"),
    ),
    _spoke(
        f"rule {NAME}-to-{HUB} | to-hubs-dead-letters | modules/connection",
        breakages.target_without,
        *("spoke", "to-", "DeadLetterConfig"),
    ),
    _spoke(
        f"trust of role {_ROLE}-to-hubs | events.amazonaws.com may not assume | modules/connection",
        breakages.role_without_trust,
        f"{_ROLE}-to-hubs",
    ),
    _spoke(
        f"policy of queue {NAME}-to-hubs-dead-letters | events.amazonaws.com | modules/connection",
        breakages.queue_without_policy,
        "to-hubs-dead-letters",
    ),
]

CASES = [*_HUB_PARTS, *_HUB_SETTINGS, *_HUB_CONNECTION, *_HUB_KEY, *_SPOKE_PARTS, *_SPOKE_CONNECTION]
