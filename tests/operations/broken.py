"""Ways to break an installation, each mended again at the end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Statement = dict[str, Any]


@contextmanager
def environment(lambda_: Any, function: str) -> Iterator[None]:
    """The function's environment is empty, as after a failed deployment: it does not know what it needs."""
    variables = lambda_.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    lambda_.update_function_configuration(FunctionName=function, Environment={"Variables": {"LEFT": "1"}})
    try:
        yield
    finally:
        lambda_.update_function_configuration(FunctionName=function, Environment={"Variables": variables})


@contextmanager
def queue_policy(sqs: Any, queue: str) -> Iterator[None]:
    """Nobody may send by the queue's policy."""
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    try:
        yield
    finally:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


@contextmanager
def bus_policy(events: Any, bus: str) -> Iterator[None]:
    """Nobody else may put events on the bus."""
    policy = events.describe_event_bus(Name=bus)["Policy"]
    events.remove_permission(EventBusName=bus, RemoveAllPermissions=True)
    try:
        yield
    finally:
        events.put_permission(EventBusName=bus, Policy=policy)


@contextmanager
def role(iam: Any, name: str, policy: str, keep: Callable[[Statement], Statement | None]) -> Iterator[None]:
    """A role keeps of its policy's statements what `keep` makes of each."""
    before = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
    kept = [changed for statement in before["Statement"] if (changed := keep(statement)) is not None]
    put = {"RoleName": name, "PolicyName": policy}
    iam.put_role_policy(PolicyDocument=json.dumps({**before, "Statement": kept}), **put)
    try:
        yield
    finally:
        iam.put_role_policy(PolicyDocument=json.dumps(before), **put)


@contextmanager
def key(kms: Any, arn: str, sid: str) -> Iterator[None]:
    """The key's policy has no statement whose id ends in `sid`."""
    policy = kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"]
    document = json.loads(policy)
    kept = [statement for statement in document["Statement"] if not statement["Sid"].endswith(sid)]
    assert len(kept) == len(document["Statement"]) - 1
    # On AWS a key without anybody who may change its policy is refused unless one insists.
    kms.put_key_policy(
        KeyId=arn, Policy=json.dumps({**document, "Statement": kept}), BypassPolicyLockoutSafetyCheck=True
    )
    try:
        yield
    finally:
        kms.put_key_policy(KeyId=arn, PolicyName="default", Policy=policy)


def sids(kms: Any, arn: str) -> list[str]:
    """The ids of the statements of a key's policy."""
    policy = json.loads(kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"])
    return [statement["Sid"] for statement in policy["Statement"]]
