"""What can be broken in an installation, and what the doctor has to say of it: the link | the cause | the cure."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from ds_dashboard_local.client.accounts import Account

from . import breaking_actors as who
from . import breaking_deliveries as way
from .applied import HUB, NAME, SPOKE

_ROLE = f"{NAME}-eu-west-1"
_TABLES = f"arn:aws:dynamodb:eu-west-1:{HUB}:table/{NAME}"
_REGISTRY, _MONITORS = "/monitored_projects/Alpha/dev", "/monitors/central"


@dataclass(frozen=True)
class Way:
    """A way of breaking one side: how, and parts of the three things that must be said."""

    side: str
    says: str
    breaks: Callable[[Account], AbstractContextManager[None]]


def _hub(says: str, breaks: Callable[..., AbstractContextManager[None]], *given: Any, **named: Any) -> Way:
    return Way("hub", says, lambda account: breaks(account, *given, **named))


def _spoke(says: str, breaks: Callable[..., AbstractContextManager[None]], *given: Any, **named: Any) -> Way:
    return Way("spoke", says, lambda account: breaks(account, *given, **named))


_HUB_PARTS = [
    _hub(f"rule {NAME}-archive | disabled | aws events enable-rule", way.disabled_rule, "hub", "archive"),
    _hub(f"rule {NAME}-archive | nothing that arrives | modules/hub", way.rule_without_targets, "hub", "archive"),
    _hub(
        f"rule {NAME}-archive | rule-dead-letters | modules/hub",
        way.target_without,
        *("hub", "archive", "DeadLetterConfig"),
    ),
    _hub(
        f"rule {NAME}-archive | takes refreshes | modules/hub",
        way.other_pattern,
        *("hub", "archive", {"source": ["metric_extractor"]}),
    ),
    _hub(f"policy of queue {NAME}-events | events.amazonaws.com | modules/hub", way.queue_without_policy, "events"),
    _hub(
        f"queue {NAME}-function-dead-letters | does not exist | modules/hub",
        way.without_queue,
        "function-dead-letters",
    ),
    _hub("event source mapping | disabled | aws lambda update-event-source-mapping", who.mapping_switched_off),
    _hub(
        f"role {_ROLE}-archive | dynamodb:PartiQLInsert on {_TABLES}-metrics | modules/hub",
        who.role_without,
        *(f"{_ROLE}-archive", "archive", "dynamodb:PartiQLInsert"),
    ),
    _hub(
        f"trust of role {_ROLE}-archive | lambda.amazonaws.com may not assume | modules/hub",
        who.role_that_trusts_nobody,
        f"{_ROLE}-archive",
    ),
    _hub(f"role {_ROLE}-refresh | permissions boundary | policy/boundary", who.role_with_boundary, f"{_ROLE}-refresh"),
    _hub(
        f"function {NAME}-archive | reserved concurrency is 0 | aws lambda delete-function-concurrency",
        who.no_concurrency,
        "archive",
    ),
    _hub(
        f"function {NAME}-archive | DS_DASHBOARD_LATEST_TABLE = 'other' | modules/hub",
        who.other_environment,
        "archive",
        DS_DASHBOARD_LATEST_TABLE="other",
    ),
    _hub(f"function {NAME}-refresh | on-failure | modules/hub", who.no_failure_destination, "refresh"),
    _hub(f"schedule {NAME}-watch | disabled | modules/hub", who.schedule_switched_off, f"{NAME}-hub", f"{NAME}-watch"),
    _hub(
        "spoke Alpha/dev | is silent | ds-dashboard doctor --side spoke",
        who.other_environment,
        "watch",
        DS_DASHBOARD_SILENT_AFTER_HOURS="0.0000001",
    ),
]

_OTHER_PATH = {"DS_DASHBOARD_MONITORED_PROJECTS_PATH": "/elsewhere"}
# What runs, and with what it gets, is not as the modules make it.
_HUB_SETTINGS = [
    *(
        _hub(
            f"function {NAME}-{role} | PATH = '/elsewhere', expected '/monitored_projects' | modules/hub",
            who.other_environment,
            role,
            **_OTHER_PATH,
        )
        for role in ("archive", "watch")
    ),
    _hub(
        f"function {NAME}-watch | 'soon', which is no number of hours | modules/hub",
        who.other_environment,
        "watch",
        DS_DASHBOARD_SILENT_AFTER_HOURS="soon",
    ),
    _hub(
        f"function {NAME}-archive | Handler nope.handler | modules/hub",
        who.other_configuration,
        "archive",
        Handler="nope.handler",
    ),
    _hub(f"function {NAME}-watch | another package | aws lambda update-function-code", who.other_code, "watch"),
    _hub(
        f"function {NAME}-archive | Timeout 1, expected 60 | modules/hub", who.other_configuration, "archive", Timeout=1
    ),
    _hub("event source mapping | filters messages | aws lambda update-event-source-mapping", who.mapping_that_filters),
    _hub(f"rule {NAME}-archive | InputPath | modules/hub", way.target_with, *("hub", "archive"), InputPath="$.detail"),
    _hub(f"queue {NAME}-events | 1 s apart | modules/hub", way.queue_with, "events", VisibilityTimeout="1"),
    _hub(
        f"queue {NAME}-function-dead-letters | for 60 s | modules/hub",
        way.queue_with,
        "function-dead-letters",
        MessageRetentionPeriod="60",
    ),
]

_HUB_CONNECTION = [
    _hub(f"policy of event bus {NAME}-hub | account {SPOKE} | modules/connection", way.bus_without_policy, "hub"),
    _hub(f"forwarding to {SPOKE} | {_REGISTRY} | modules/connection", way.rule_without_targets, "hub", "to-"),
    _hub(f"rule {NAME}-to-{SPOKE} | disabled | aws events enable-rule", way.disabled_rule, "hub", "to-"),
    _hub(
        f"rule {NAME}-to-{SPOKE} | takes results, replayed refreshes | modules/connection",
        way.other_pattern,
        *("hub", "to-", {"source": ["metric_extractor"], "account": [HUB]}),
    ),
    _hub(
        f"role {_ROLE}-to-spokes | events:PutEvents on arn:aws:events:eu-west-1:{SPOKE} | modules/connection",
        who.role_without,
        *(f"{_ROLE}-to-spokes", "forward", "events:PutEvents"),
    ),
    _hub(
        f"parameter {_REGISTRY} | '12345' | aws ssm put-parameter --type String --overwrite",
        who.parameter,
        *(_REGISTRY, "12345"),
    ),
    _hub(
        "forwarding to 777777777777 | no rule | modules/connection",
        who.parameter,
        *("/monitored_projects/Beta/dev", "777777777777"),
    ),
]

_HUB_KEY = [
    _hub("key  | is Disabled | aws kms enable-key --key-id", who.key_switched_off),
    *(
        _hub(f"policy of key | the grant WatchMe{grant} | aws kms put-key-policy", who.key_without, grant)
        for grant in ("HubBus", "HubQueue", "HubLogs", "HubEventBridge", "HubAccount")
    ),
    _hub(
        f"role {_ROLE}-archive | kms:GenerateDataKey | modules/hub",
        who.role_without,
        *(f"{_ROLE}-archive", "archive", "kms:GenerateDataKey"),
    ),
]

_SPOKE_PARTS = [
    _spoke(f"rule {NAME}-extract | disabled | aws events enable-rule", way.disabled_rule, "spoke", "extract"),
    _spoke(f"rule {NAME}-extract | no refresh | modules/spoke", way.rule_without_targets, "spoke", "extract"),
    _spoke(
        f"policy of function {NAME}-extract | events.amazonaws.com | modules/spoke", who.nobody_may_invoke, "extract"
    ),
    _spoke(
        f"role {_ROLE}-extract | events:PutEvents | modules/spoke",
        who.role_without,
        *(f"{_ROLE}-extract", "metrics", "events:PutEvents"),
    ),
    _spoke(
        f"function {NAME}-extract | reserved concurrency is 0 | aws lambda delete-function-concurrency",
        who.no_concurrency,
        "extract",
    ),
    _spoke(
        f"schedule {NAME}-extract | disabled | modules/spoke",
        who.schedule_switched_off,
        *(f"{NAME}-spoke", f"{NAME}-extract"),
    ),
    _spoke(
        f"function {NAME}-extract | Handler nope.handler | modules/spoke",
        who.other_configuration,
        "extract",
        Handler="nope.handler",
    ),
    _spoke("policy of key | the grant WatchMeSpokeBus | aws kms put-key-policy", who.key_without, "SpokeBus"),
]

_SPOKE_CONNECTION = [
    _spoke(f"policy of event bus {NAME}-spoke | account {HUB} | modules/connection", way.bus_without_policy, "spoke"),
    _spoke(
        f"parameter {_MONITORS} | 'hub' | aws ssm put-parameter --type String --overwrite",
        who.parameter,
        *(_MONITORS, "hub"),
    ),
    _spoke(
        f"rule {NAME}-to-{HUB} | to-hubs-dead-letters | modules/connection",
        way.target_without,
        *("spoke", "to-", "DeadLetterConfig"),
    ),
    _spoke(
        f"trust of role {_ROLE}-to-hubs | events.amazonaws.com may not assume | modules/connection",
        who.role_that_trusts_nobody,
        f"{_ROLE}-to-hubs",
    ),
    _spoke(
        f"policy of queue {NAME}-to-hubs-dead-letters | events.amazonaws.com | modules/connection",
        way.queue_without_policy,
        "to-hubs-dead-letters",
    ),
]

WAYS = [*_HUB_PARTS, *_HUB_SETTINGS, *_HUB_CONNECTION, *_HUB_KEY, *_SPOKE_PARTS, *_SPOKE_CONNECTION]
