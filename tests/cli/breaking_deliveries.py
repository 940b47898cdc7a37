"""Ways of breaking what delivers: rules, targets, buses, queues; each with the way back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ds_dashboard_local.client.accounts import Account

from .applied import NAME
from .mended import mended


@mended
def disabled_rule(account: Account, side: str, prefix: str) -> Iterator[None]:
    """A rule is switched off."""
    bus, rule = f"{NAME}-{side}", _rule(account, side, prefix)
    account.events.disable_rule(Name=rule, EventBusName=bus)
    yield
    account.events.enable_rule(Name=rule, EventBusName=bus)


@mended
def rule_without_targets(account: Account, side: str, prefix: str) -> Iterator[None]:
    """A rule sends nowhere."""
    bus, rule = f"{NAME}-{side}", _rule(account, side, prefix)
    targets = account.events.list_targets_by_rule(Rule=rule, EventBusName=bus)["Targets"]
    account.events.remove_targets(Rule=rule, EventBusName=bus, Ids=[target["Id"] for target in targets])
    yield
    account.events.put_targets(Rule=rule, EventBusName=bus, Targets=targets)


@mended
def target_without(account: Account, side: str, prefix: str, key: str) -> Iterator[None]:
    """A rule's target lacks its role or its dead-letter queue."""
    bus, rule = f"{NAME}-{side}", _rule(account, side, prefix)
    targets = account.events.list_targets_by_rule(Rule=rule, EventBusName=bus)["Targets"]
    lacking = [{name: value for name, value in target.items() if name != key} for target in targets]
    account.events.put_targets(Rule=rule, EventBusName=bus, Targets=lacking)
    yield
    account.events.put_targets(Rule=rule, EventBusName=bus, Targets=targets)


@mended
def target_with(account: Account, side: str, prefix: str, **more: str) -> Iterator[None]:
    """A rule's target gets something else than the event."""
    bus, rule = f"{NAME}-{side}", _rule(account, side, prefix)
    targets = account.events.list_targets_by_rule(Rule=rule, EventBusName=bus)["Targets"]
    account.events.put_targets(Rule=rule, EventBusName=bus, Targets=[{**target, **more} for target in targets])
    yield
    account.events.put_targets(Rule=rule, EventBusName=bus, Targets=targets)


@mended
def other_pattern(account: Account, side: str, prefix: str, pattern: dict[str, Any]) -> Iterator[None]:
    """A rule takes other events."""
    bus, rule = f"{NAME}-{side}", _rule(account, side, prefix)
    before = account.events.describe_rule(Name=rule, EventBusName=bus)["EventPattern"]
    account.events.put_rule(Name=rule, EventBusName=bus, EventPattern=json.dumps(pattern))
    yield
    account.events.put_rule(Name=rule, EventBusName=bus, EventPattern=before)


@mended
def bus_without_policy(account: Account, side: str) -> Iterator[None]:
    """A bus lets nobody in."""
    bus = f"{NAME}-{side}"
    policy = account.events.describe_event_bus(Name=bus)["Policy"]
    account.events.remove_permission(EventBusName=bus, RemoveAllPermissions=True)
    yield
    account.events.put_permission(EventBusName=bus, Policy=policy)


@mended
def queue_without_policy(account: Account, role: str) -> Iterator[None]:
    """A queue takes nothing of EventBridge."""
    url = account.sqs.get_queue_url(QueueName=f"{NAME}-{role}")["QueueUrl"]
    policy = account.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    account.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    yield
    account.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


@mended
def queue_with(account: Account, role: str, **attributes: str) -> Iterator[None]:
    """A queue has other settings."""
    url = account.sqs.get_queue_url(QueueName=f"{NAME}-{role}")["QueueUrl"]
    before = account.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    account.sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
    yield
    account.sqs.set_queue_attributes(QueueUrl=url, Attributes={name: before[name] for name in attributes})


@mended
def without_queue(account: Account, role: str) -> Iterator[None]:
    """A queue is gone."""
    url = account.sqs.get_queue_url(QueueName=f"{NAME}-{role}")["QueueUrl"]
    before = account.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    account.sqs.delete_queue(QueueUrl=url)
    yield
    kept = ("MessageRetentionPeriod", "VisibilityTimeout", "Policy", "KmsMasterKeyId", "SqsManagedSseEnabled")
    account.sqs.create_queue(
        QueueName=f"{NAME}-{role}", Attributes={name: before[name] for name in kept if before.get(name)}
    )


def _rule(account: Account, side: str, prefix: str) -> str:
    rules = account.events.list_rules(EventBusName=f"{NAME}-{side}", NamePrefix=f"{NAME}-{prefix}")["Rules"]
    return str(rules[0]["Name"])
