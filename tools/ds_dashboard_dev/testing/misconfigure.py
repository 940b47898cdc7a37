"""Context managers that break one thing of an installation, and restore it at the end of the block.

A rule is named by how its name starts after the installation's (`archive`, `to-640000000002`), a queue, function or
schedule by its role (`events`, `archive`).
"""

from __future__ import annotations

import functools
import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ParamSpec

from ds_dashboard_dev.testing.installation import Hub, Installation
from ds_dashboard_local.client.accounts import package

Statement = dict[str, Any]
_Given = ParamSpec("_Given")


def _restored(function: Callable[_Given, Iterator[None]]) -> Callable[_Given, AbstractContextManager[None]]:
    """Make a context manager of a function that breaks, yields and restores; it restores after an exception too."""

    @contextmanager
    @functools.wraps(function)
    def wrapped(*given: _Given.args, **named: _Given.kwargs) -> Iterator[None]:
        steps = function(*given, **named)
        next(steps)
        try:
            yield
        finally:
            next(steps, None)

    return wrapped


# Buses and rules


@_restored
def bus_without_policy(installation: Installation) -> Iterator[None]:
    """No other account may put events on the bus."""
    events, bus = installation.client("events"), installation.bus_name
    policy = events.describe_event_bus(Name=bus)["Policy"]
    events.remove_permission(EventBusName=bus, RemoveAllPermissions=True)
    yield
    events.put_permission(EventBusName=bus, Policy=policy)


@_restored
def disabled_rule(installation: Installation, rule: str) -> Iterator[None]:
    """A rule is disabled."""
    named = {"Name": _rule_name(installation, rule), "EventBusName": installation.bus_name}
    installation.client("events").disable_rule(**named)
    yield
    installation.client("events").enable_rule(**named)


@_restored
def rule_with_pattern(installation: Installation, rule: str, pattern: dict[str, Any]) -> Iterator[None]:
    """A rule matches other events."""
    events = installation.client("events")
    named = {"Name": _rule_name(installation, rule), "EventBusName": installation.bus_name}
    before = events.describe_rule(**named)["EventPattern"]
    events.put_rule(**named, EventPattern=json.dumps(pattern))
    yield
    events.put_rule(**named, EventPattern=before)


@_restored
def rule_without_targets(installation: Installation, rule: str) -> Iterator[None]:
    """A rule has no targets."""
    events = installation.client("events")
    named = {"Rule": _rule_name(installation, rule), "EventBusName": installation.bus_name}
    targets = events.list_targets_by_rule(**named)["Targets"]
    events.remove_targets(**named, Ids=[target["Id"] for target in targets])
    yield
    events.put_targets(**named, Targets=targets)


def target_without(installation: Installation, rule: str, key: str) -> AbstractContextManager[None]:
    """The targets of a rule have no `key`, such as `RoleArn` or `DeadLetterConfig`."""
    return _targets(installation, rule, lambda target: {name: target[name] for name in target if name != key})


def target_with(installation: Installation, rule: str, **more: str) -> AbstractContextManager[None]:
    """The targets of a rule have other settings, such as `InputPath`."""
    return _targets(installation, rule, lambda target: {**target, **more})


@_restored
def _targets(installation: Installation, rule: str, change: Callable[[Statement], Statement]) -> Iterator[None]:
    events = installation.client("events")
    named = {"Rule": _rule_name(installation, rule), "EventBusName": installation.bus_name}
    targets = events.list_targets_by_rule(**named)["Targets"]
    events.put_targets(**named, Targets=[change(target) for target in targets])
    yield
    events.put_targets(**named, Targets=targets)


def _rule_name(installation: Installation, rule: str) -> str:
    """Return the full name of a rule: those of a connection end in a part of their own."""
    prefix = f"{installation.name}-{rule}"
    rules = installation.client("events").list_rules(EventBusName=installation.bus_name, NamePrefix=prefix)["Rules"]
    return str(rules[0]["Name"])


# Queues


def queue_without_policy(installation: Installation, role: str) -> AbstractContextManager[None]:
    """A queue's policy lets nobody send."""
    return queue_with(installation, role, Policy="")


@_restored
def queue_with(installation: Installation, role: str, **attributes: str) -> Iterator[None]:
    """A queue has other attributes."""
    sqs, url = installation.client("sqs"), installation.queue_url(role)
    before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
    yield
    sqs.set_queue_attributes(QueueUrl=url, Attributes={name: before[name] for name in attributes})


@_restored
def shortened_retries(hub: Hub, visibility_seconds: int, max_receives: int | None = None) -> Iterator[None]:
    """The archive's queue retries within seconds, as `Hub.shorten_retries` sets it."""
    sqs, url, changed = hub.client("sqs"), hub.queue_url(hub.QUEUE), ["VisibilityTimeout", "RedrivePolicy"]
    before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=changed)["Attributes"]
    hub.shorten_retries(visibility_seconds, max_receives)
    yield
    sqs.set_queue_attributes(QueueUrl=url, Attributes=before)


@_restored
def deleted_queue(installation: Installation, role: str) -> Iterator[None]:
    """A queue does not exist."""
    sqs, url = installation.client("sqs"), installation.queue_url(role)
    before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    sqs.delete_queue(QueueUrl=url)
    yield
    settable = ("MessageRetentionPeriod", "VisibilityTimeout", "Policy", "KmsMasterKeyId", "SqsManagedSseEnabled")
    attributes = {name: before[name] for name in settable if before.get(name)}
    sqs.create_queue(QueueName=f"{installation.name}-{role}", Attributes=attributes)


# Functions


@_restored
def function_with(installation: Installation, role: str, **settings: Any) -> Iterator[None]:
    """A function has other settings, such as `Timeout` or `Handler`; its processes are new."""
    functions, function = installation.client("lambda"), {"FunctionName": installation.function_name(role)}
    before = functions.get_function_configuration(**function)
    functions.update_function_configuration(**function, **settings)
    yield
    functions.update_function_configuration(**function, **{name: before[name] for name in settings})


def function_with_variables(
    installation: Installation, role: str, **variables: str | None
) -> AbstractContextManager[None]:
    """A function has other or more environment variables, and not those that are None."""
    configured = installation.client("lambda").get_function_configuration(FunctionName=installation.function_name(role))
    changed = {**configured["Environment"]["Variables"], **variables}
    environment = {name: value for name, value in changed.items() if value is not None}
    return function_with(installation, role, Environment={"Variables": environment})


def function_without_variables(installation: Installation, role: str) -> AbstractContextManager[None]:
    """A function has none of its environment variables, as after a deployment that failed half way."""
    return function_with(installation, role, Environment={"Variables": {"LEFT": "1"}})


@_restored
def function_with_code(installation: Installation, role: str, source: str) -> Iterator[None]:
    """A function runs another module's `handler`."""
    functions, function = installation.client("lambda"), {"FunctionName": installation.function_name(role)}
    with urllib.request.urlopen(functions.get_function(**function)["Code"]["Location"]) as response:
        before = response.read()
    functions.update_function_code(**function, ZipFile=package(source))
    yield
    functions.update_function_code(**function, ZipFile=before)


@_restored
def function_with_concurrency(installation: Installation, role: str, executions: int) -> Iterator[None]:
    """A function may run so many times at once; with 0, not at all."""
    functions, function = installation.client("lambda"), {"FunctionName": installation.function_name(role)}
    functions.put_function_concurrency(**function, ReservedConcurrentExecutions=executions)
    yield
    functions.delete_function_concurrency(**function)


@_restored
def function_without_policy(installation: Installation, role: str) -> Iterator[None]:
    """EventBridge may not invoke a function."""
    functions, function = installation.client("lambda"), {"FunctionName": installation.function_name(role)}
    (statement,) = json.loads(functions.get_policy(**function)["Policy"])["Statement"]
    functions.remove_permission(**function, StatementId=statement["Sid"])
    yield
    functions.add_permission(
        **function,
        StatementId=statement["Sid"],
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=next(iter(statement["Condition"].values()))["AWS:SourceArn"],
    )


@_restored
def function_without_failure_destination(installation: Installation, role: str) -> Iterator[None]:
    """Asynchronous invocations of a function that fail are lost."""
    functions, function = installation.client("lambda"), {"FunctionName": installation.function_name(role)}
    before = functions.get_function_event_invoke_config(**function)
    functions.delete_function_event_invoke_config(**function)
    yield
    settable = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
    functions.put_function_event_invoke_config(**function, **{name: before[name] for name in settable})


def new_archive(hub: Hub) -> AbstractContextManager[None]:
    """The archive's processes are new and have nothing cached, in the block and after it."""
    hub.settle()
    return function_with(hub, "archive", Timeout=61)


def paused_archive(hub: Hub) -> AbstractContextManager[None]:
    """The archive receives nothing, so that what is sent meanwhile comes in full batches."""
    return _event_source_mapping(hub, {"Enabled": False}, {"Enabled": True})


def filtering_archive(hub: Hub) -> AbstractContextManager[None]:
    """The archive receives only some of the messages."""
    some = {"Filters": [{"Pattern": json.dumps({"body": {"source": ["nobody"]}})}]}
    return _event_source_mapping(hub, {"FilterCriteria": some}, {"FilterCriteria": {}})


@_restored
def _event_source_mapping(hub: Hub, broken: dict[str, Any], restored: dict[str, Any]) -> Iterator[None]:
    functions = hub.client("lambda")
    (mapping,) = functions.list_event_source_mappings(FunctionName=hub.function_name("archive"))["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], **broken)
    yield
    functions.update_event_source_mapping(UUID=mapping["UUID"], **restored)


# Schedules and parameters


@_restored
def disabled_schedule(installation: Installation, role: str) -> Iterator[None]:
    """A schedule is disabled."""
    scheduler = installation.client("scheduler")
    group, name = f"{installation.name}-{installation.kind}", f"{installation.name}-{role}"
    found = scheduler.get_schedule(GroupName=group, Name=name)
    # UpdateSchedule replaces the whole schedule: what is left out is lost.
    settable = scheduler.meta.service_model.operation_model("UpdateSchedule").input_shape.members.keys() - {"State"}
    schedule = {key: value for key, value in found.items() if key in settable}
    scheduler.update_schedule(**schedule, State="DISABLED")
    yield
    scheduler.update_schedule(**schedule, State="ENABLED")


@_restored
def parameter(installation: Installation, name: str, value: str | None) -> Iterator[None]:
    """A parameter has another value, or with `None` does not exist."""
    ssm = installation.client("ssm")
    found = ssm.get_parameters(Names=[name])["Parameters"]
    before = found[0]["Value"] if found else None
    _write_parameter(ssm, name, value)
    yield
    _write_parameter(ssm, name, before)


def _write_parameter(ssm: Any, name: str, value: str | None) -> None:
    if value is None:
        ssm.delete_parameter(Name=name)
    else:
        ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)


# Roles and keys


def role_without_action(
    installation: Installation, role: str, policy: str, action: str
) -> AbstractContextManager[None]:
    """A role's policy does not allow an action."""

    def change(statement: Statement) -> Statement:
        actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        # A policy needs a statement, and a statement an action.
        return {**statement, "Action": [one for one in actions if one != action] or ["s3:GetObject"]}

    return role_with_statements(installation, role, policy, change)


@_restored
def role_with_statements(
    installation: Installation, role: str, policy: str, change: Callable[[Statement], Statement | None]
) -> Iterator[None]:
    """A role's policy has what `change` makes of each of its statements; `None` drops a statement."""
    iam, named = installation.client("iam"), {"RoleName": _role_name(installation, role), "PolicyName": policy}
    before = iam.get_role_policy(**named)["PolicyDocument"]
    statements = [changed for statement in before["Statement"] if (changed := change(statement)) is not None]
    iam.put_role_policy(**named, PolicyDocument=json.dumps({**before, "Statement": statements}))
    yield
    iam.put_role_policy(**named, PolicyDocument=json.dumps(before))


@_restored
def role_with_other_trust(installation: Installation, role: str) -> Iterator[None]:
    """The service that uses a role may not assume it."""
    iam, name = installation.client("iam"), _role_name(installation, role)
    before = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    statement = {**before["Statement"][0], "Principal": {"Service": "ec2.amazonaws.com"}}
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps({**before, "Statement": [statement]}))
    yield
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(before))


@_restored
def role_with_boundary(installation: Installation, role: str) -> Iterator[None]:
    """A role has a permissions boundary that stops everything it does."""
    iam, name = installation.client("iam"), _role_name(installation, role)
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn = iam.create_policy(PolicyName="boundary", PolicyDocument=document)["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=arn)
    yield
    iam.delete_role_permissions_boundary(RoleName=name)
    iam.delete_policy(PolicyArn=arn)


def _role_name(installation: Installation, role: str) -> str:
    return f"{installation.name}-{installation.region}-{role}"


@_restored
def disabled_key(installation: Installation) -> Iterator[None]:
    """The installation's KMS key is disabled."""
    installation.client("kms").disable_key(KeyId=installation.key_arn)
    yield
    installation.client("kms").enable_key(KeyId=installation.key_arn)


@_restored
def key_without_statement(installation: Installation, sid: str) -> Iterator[None]:
    """The policy of the installation's KMS key has no statement whose Sid ends in `sid`."""
    kms, key = installation.client("kms"), {"KeyId": installation.key_arn, "PolicyName": "default"}
    before = kms.get_key_policy(**key)["Policy"]
    document = json.loads(before)
    kept = [statement for statement in document["Statement"] if not statement["Sid"].endswith(sid)]
    assert len(kept) == len(document["Statement"]) - 1
    # AWS rejects a policy after which nobody could change the policy, unless the call insists.
    kms.put_key_policy(**key, Policy=json.dumps({**document, "Statement": kept}), BypassPolicyLockoutSafetyCheck=True)
    yield
    kms.put_key_policy(**key, Policy=before)
