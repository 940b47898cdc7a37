"""Context managers that each break one link of a deployed installation, and restore it at the end."""

from __future__ import annotations

import functools
import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ParamSpec

from ds_dashboard_local.client.accounts import Account, package

from .applied import NAME

_Arguments = ParamSpec("_Arguments")


def restoring(function: Callable[_Arguments, Iterator[None]]) -> Callable[_Arguments, AbstractContextManager[None]]:
    """Make a context manager of a function that breaks something, yields, and restores it, also if the block fails."""

    @contextmanager
    @functools.wraps(function)
    def wrapped(*given: _Arguments.args, **named: _Arguments.kwargs) -> Iterator[None]:
        steps = function(*given, **named)
        next(steps)
        try:
            yield
        finally:
            next(steps, None)

    return wrapped


@restoring
def disabled_rule(account: Account, side: str, prefix: str) -> Iterator[None]:
    """Disable a rule."""
    bus, rule = f"{NAME}-{side}", _rule(account, side, prefix)
    account.events.disable_rule(Name=rule, EventBusName=bus)
    yield
    account.events.enable_rule(Name=rule, EventBusName=bus)


@restoring
def rule_without_targets(account: Account, side: str, prefix: str) -> Iterator[None]:
    """Remove the targets of a rule."""
    bus, rule = f"{NAME}-{side}", _rule(account, side, prefix)
    targets = account.events.list_targets_by_rule(Rule=rule, EventBusName=bus)["Targets"]
    account.events.remove_targets(Rule=rule, EventBusName=bus, Ids=[target["Id"] for target in targets])
    yield
    account.events.put_targets(Rule=rule, EventBusName=bus, Targets=targets)


@restoring
def target_without(account: Account, side: str, prefix: str, key: str) -> Iterator[None]:
    """Remove a setting of a rule's target, such as its dead-letter queue."""
    bus, rule = f"{NAME}-{side}", _rule(account, side, prefix)
    targets = account.events.list_targets_by_rule(Rule=rule, EventBusName=bus)["Targets"]
    lacking = [{name: value for name, value in target.items() if name != key} for target in targets]
    account.events.put_targets(Rule=rule, EventBusName=bus, Targets=lacking)
    yield
    account.events.put_targets(Rule=rule, EventBusName=bus, Targets=targets)


@restoring
def changed_target(account: Account, side: str, prefix: str, **more: str) -> Iterator[None]:
    """Change settings of a rule's target."""
    bus, rule = f"{NAME}-{side}", _rule(account, side, prefix)
    targets = account.events.list_targets_by_rule(Rule=rule, EventBusName=bus)["Targets"]
    account.events.put_targets(Rule=rule, EventBusName=bus, Targets=[{**target, **more} for target in targets])
    yield
    account.events.put_targets(Rule=rule, EventBusName=bus, Targets=targets)


@restoring
def changed_pattern(account: Account, side: str, prefix: str, pattern: dict[str, Any]) -> Iterator[None]:
    """Change a rule's pattern."""
    bus, rule = f"{NAME}-{side}", _rule(account, side, prefix)
    before = account.events.describe_rule(Name=rule, EventBusName=bus)["EventPattern"]
    account.events.put_rule(Name=rule, EventBusName=bus, EventPattern=json.dumps(pattern))
    yield
    account.events.put_rule(Name=rule, EventBusName=bus, EventPattern=before)


@restoring
def bus_without_policy(account: Account, side: str) -> Iterator[None]:
    """Remove a bus's policy."""
    bus = f"{NAME}-{side}"
    policy = account.events.describe_event_bus(Name=bus)["Policy"]
    account.events.remove_permission(EventBusName=bus, RemoveAllPermissions=True)
    yield
    account.events.put_permission(EventBusName=bus, Policy=policy)


@restoring
def queue_without_policy(account: Account, role: str) -> Iterator[None]:
    """Remove a queue's policy."""
    url = account.sqs.get_queue_url(QueueName=f"{NAME}-{role}")["QueueUrl"]
    policy = account.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    account.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    yield
    account.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


@restoring
def changed_queue(account: Account, role: str, **attributes: str) -> Iterator[None]:
    """Change attributes of a queue."""
    url = account.sqs.get_queue_url(QueueName=f"{NAME}-{role}")["QueueUrl"]
    before = account.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    account.sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
    yield
    account.sqs.set_queue_attributes(QueueUrl=url, Attributes={name: before[name] for name in attributes})


@restoring
def deleted_queue(account: Account, role: str) -> Iterator[None]:
    """Delete a queue."""
    url = account.sqs.get_queue_url(QueueName=f"{NAME}-{role}")["QueueUrl"]
    before = account.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    account.sqs.delete_queue(QueueUrl=url)
    yield
    kept = ("MessageRetentionPeriod", "VisibilityTimeout", "Policy", "KmsMasterKeyId", "SqsManagedSseEnabled")
    account.sqs.create_queue(
        QueueName=f"{NAME}-{role}", Attributes={name: before[name] for name in kept if before.get(name)}
    )


@restoring
def role_without_action(account: Account, role: str, policy: str, action: str) -> Iterator[None]:
    """Remove an action from a role's policy."""
    before = account.iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    after = json.loads(json.dumps(before))
    for statement in after["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        statement["Action"] = [one for one in actions if one != action] or ["s3:GetObject"]
    account.iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(after))
    yield
    account.iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(before))


@restoring
def role_without_trust(account: Account, role: str) -> Iterator[None]:
    """Remove the service from a role's trust policy."""
    before = account.iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    nobody = {
        "Version": "2012-10-17",
        "Statement": [{**before["Statement"][0], "Principal": {"Service": "ec2.amazonaws.com"}}],
    }
    account.iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(nobody))
    yield
    account.iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(before))


@restoring
def role_with_boundary(account: Account, role: str) -> Iterator[None]:
    """Attach a permissions boundary that allows nothing of the installation."""
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    arn = account.iam.create_policy(PolicyName="boundary", PolicyDocument=json.dumps(document))["Policy"]["Arn"]
    account.iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=arn)
    yield
    account.iam.delete_role_permissions_boundary(RoleName=role)
    account.iam.delete_policy(PolicyArn=arn)


@restoring
def function_without_concurrency(account: Account, role: str) -> Iterator[None]:
    """Set a function's reserved concurrency to 0."""
    name = f"{NAME}-{role}"
    account.lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    yield
    account.lambda_.delete_function_concurrency(FunctionName=name)


@restoring
def changed_environment(account: Account, role: str, **variables: str) -> Iterator[None]:
    """Change environment variables of a function."""
    name = f"{NAME}-{role}"
    before = account.lambda_.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    account.lambda_.update_function_configuration(FunctionName=name, Environment={"Variables": {**before, **variables}})
    yield
    account.lambda_.update_function_configuration(FunctionName=name, Environment={"Variables": before})


@restoring
def changed_function(account: Account, role: str, **settings: Any) -> Iterator[None]:
    """Change a function's configuration."""
    name = f"{NAME}-{role}"
    before = account.lambda_.get_function_configuration(FunctionName=name)
    account.lambda_.update_function_configuration(FunctionName=name, **settings)
    yield
    account.lambda_.update_function_configuration(FunctionName=name, **{key: before[key] for key in settings})


@restoring
def changed_code(account: Account, role: str) -> Iterator[None]:
    """Replace a function's code."""
    with urllib.request.urlopen(account.lambda_.get_function(FunctionName=f"{NAME}-{role}")["Code"]["Location"]) as got:
        before = got.read()
    account.lambda_.update_function_code(FunctionName=f"{NAME}-{role}", ZipFile=package("def handler(*_): return 1"))
    yield
    account.lambda_.update_function_code(FunctionName=f"{NAME}-{role}", ZipFile=before)


@restoring
def function_without_policy(account: Account, role: str) -> Iterator[None]:
    """Remove a function's resource policy."""
    name = f"{NAME}-{role}"
    (statement,) = json.loads(account.lambda_.get_policy(FunctionName=name)["Policy"])["Statement"]
    account.lambda_.remove_permission(FunctionName=name, StatementId=statement["Sid"])
    yield
    account.lambda_.add_permission(
        FunctionName=name,
        StatementId=statement["Sid"],
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=next(iter(statement["Condition"].values()))["AWS:SourceArn"],
    )


@restoring
def function_without_failure_destination(account: Account, role: str) -> Iterator[None]:
    """Remove a function's on-failure destination."""
    name = f"{NAME}-{role}"
    before = account.lambda_.get_function_event_invoke_config(FunctionName=name)
    account.lambda_.delete_function_event_invoke_config(FunctionName=name)
    yield
    kept = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
    account.lambda_.put_function_event_invoke_config(FunctionName=name, **{key: before[key] for key in kept})


@restoring
def disabled_mapping(account: Account) -> Iterator[None]:
    """Disable the archive's event source mapping."""
    (mapping,) = account.lambda_.list_event_source_mappings(FunctionName=f"{NAME}-archive")["EventSourceMappings"]
    account.lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    yield
    account.lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


@restoring
def filtering_mapping(account: Account) -> Iterator[None]:
    """Add a filter to the archive's event source mapping."""
    (mapping,) = account.lambda_.list_event_source_mappings(FunctionName=f"{NAME}-archive")["EventSourceMappings"]
    some = {"Filters": [{"Pattern": json.dumps({"body": {"source": ["nobody"]}})}]}
    account.lambda_.update_event_source_mapping(UUID=mapping["UUID"], FilterCriteria=some)
    yield
    account.lambda_.update_event_source_mapping(UUID=mapping["UUID"], FilterCriteria={})


@restoring
def disabled_schedule(account: Account, group: str, name: str) -> Iterator[None]:
    """Disable a schedule."""
    found = account.scheduler.get_schedule(GroupName=group, Name=name)
    kept = ("Name", "GroupName", "ScheduleExpression", "FlexibleTimeWindow", "Target")
    given = {key: found[key] for key in kept}
    account.scheduler.update_schedule(**given, State="DISABLED")
    yield
    account.scheduler.update_schedule(**given, State="ENABLED")


@restoring
def changed_parameter(account: Account, name: str, value: str | None) -> Iterator[None]:
    """Change or delete a parameter."""
    try:
        before = account.ssm.get_parameter(Name=name)["Parameter"]["Value"]
    except account.ssm.exceptions.ParameterNotFound:
        before = None
    if value is None:
        account.ssm.delete_parameter(Name=name)
    else:
        account.ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)
    yield
    if before is None:
        account.ssm.delete_parameter(Name=name)
    else:
        account.ssm.put_parameter(Name=name, Value=before, Type="String", Overwrite=True)


@restoring
def disabled_key(account: Account) -> Iterator[None]:
    """Disable the customer managed key."""
    key = _key(account)
    account.kms.disable_key(KeyId=key)
    yield
    account.kms.enable_key(KeyId=key)


@restoring
def key_without_grant(account: Account, sid: str) -> Iterator[None]:
    """Remove a statement from the key's policy."""
    key = _key(account)
    before = account.kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    document = json.loads(before)
    document["Statement"] = [one for one in document["Statement"] if not one["Sid"].endswith(sid)]
    account.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(document))
    yield
    account.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=before)


def _rule(account: Account, side: str, prefix: str) -> str:
    rules = account.events.list_rules(EventBusName=f"{NAME}-{side}", NamePrefix=f"{NAME}-{prefix}")["Rules"]
    return str(rules[0]["Name"])


def _key(account: Account) -> str:
    return str(account.lambda_.list_functions()["Functions"][0]["KMSKeyArn"])
