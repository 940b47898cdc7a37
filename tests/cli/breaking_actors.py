"""Ways of breaking what may and can act: roles, functions, schedules, parameters, keys; each with the way back."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

from ds_dashboard_local.client.accounts import Account, package

from .applied import NAME
from .mended import mended


@mended
def role_without(account: Account, role: str, policy: str, action: str) -> Iterator[None]:
    """A role lacks an action."""
    before = account.iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    after = json.loads(json.dumps(before))
    for statement in after["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        statement["Action"] = [one for one in actions if one != action] or ["s3:GetObject"]
    account.iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(after))
    yield
    account.iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(before))


@mended
def role_that_trusts_nobody(account: Account, role: str) -> Iterator[None]:
    """No service may take a role on."""
    before = account.iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    nobody = {
        "Version": "2012-10-17",
        "Statement": [{**before["Statement"][0], "Principal": {"Service": "ec2.amazonaws.com"}}],
    }
    account.iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(nobody))
    yield
    account.iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(before))


@mended
def role_with_boundary(account: Account, role: str) -> Iterator[None]:
    """A permissions boundary stops everything."""
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    arn = account.iam.create_policy(PolicyName="boundary", PolicyDocument=json.dumps(document))["Policy"]["Arn"]
    account.iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=arn)
    yield
    account.iam.delete_role_permissions_boundary(RoleName=role)
    account.iam.delete_policy(PolicyArn=arn)


@mended
def no_concurrency(account: Account, role: str) -> Iterator[None]:
    """A function may not run."""
    name = f"{NAME}-{role}"
    account.lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    yield
    account.lambda_.delete_function_concurrency(FunctionName=name)


@mended
def other_environment(account: Account, role: str, **variables: str) -> Iterator[None]:
    """A function has other settings."""
    name = f"{NAME}-{role}"
    before = account.lambda_.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    account.lambda_.update_function_configuration(FunctionName=name, Environment={"Variables": {**before, **variables}})
    yield
    account.lambda_.update_function_configuration(FunctionName=name, Environment={"Variables": before})


@mended
def other_configuration(account: Account, role: str, **settings: Any) -> Iterator[None]:
    """A function runs something else, or for another time."""
    name = f"{NAME}-{role}"
    before = account.lambda_.get_function_configuration(FunctionName=name)
    account.lambda_.update_function_configuration(FunctionName=name, **settings)
    yield
    account.lambda_.update_function_configuration(FunctionName=name, **{key: before[key] for key in settings})


@mended
def other_code(account: Account, role: str) -> Iterator[None]:
    """A function runs something else."""
    with urllib.request.urlopen(account.lambda_.get_function(FunctionName=f"{NAME}-{role}")["Code"]["Location"]) as got:
        before = got.read()
    account.lambda_.update_function_code(FunctionName=f"{NAME}-{role}", ZipFile=package("def handler(*_): return 1"))
    yield
    account.lambda_.update_function_code(FunctionName=f"{NAME}-{role}", ZipFile=before)


@mended
def nobody_may_invoke(account: Account, role: str) -> Iterator[None]:
    """A function's policy is gone."""
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


@mended
def no_failure_destination(account: Account, role: str) -> Iterator[None]:
    """What fails asynchronously is lost."""
    name = f"{NAME}-{role}"
    before = account.lambda_.get_function_event_invoke_config(FunctionName=name)
    account.lambda_.delete_function_event_invoke_config(FunctionName=name)
    yield
    kept = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
    account.lambda_.put_function_event_invoke_config(FunctionName=name, **{key: before[key] for key in kept})


@mended
def mapping_switched_off(account: Account) -> Iterator[None]:
    """The archive takes nothing from its queue."""
    (mapping,) = account.lambda_.list_event_source_mappings(FunctionName=f"{NAME}-archive")["EventSourceMappings"]
    account.lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    yield
    account.lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


@mended
def mapping_that_filters(account: Account) -> Iterator[None]:
    """The archive gets some of the messages only."""
    (mapping,) = account.lambda_.list_event_source_mappings(FunctionName=f"{NAME}-archive")["EventSourceMappings"]
    some = {"Filters": [{"Pattern": json.dumps({"body": {"source": ["nobody"]}})}]}
    account.lambda_.update_event_source_mapping(UUID=mapping["UUID"], FilterCriteria=some)
    yield
    account.lambda_.update_event_source_mapping(UUID=mapping["UUID"], FilterCriteria={})


@mended
def schedule_switched_off(account: Account, group: str, name: str) -> Iterator[None]:
    """A schedule does not fire."""
    found = account.scheduler.get_schedule(GroupName=group, Name=name)
    kept = ("Name", "GroupName", "ScheduleExpression", "FlexibleTimeWindow", "Target")
    given = {key: found[key] for key in kept}
    account.scheduler.update_schedule(**given, State="DISABLED")
    yield
    account.scheduler.update_schedule(**given, State="ENABLED")


@mended
def parameter(account: Account, name: str, value: str | None) -> Iterator[None]:
    """A parameter holds something else, or is gone."""
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


@mended
def key_switched_off(account: Account) -> Iterator[None]:
    """The customer's key is disabled."""
    key = _key(account)
    account.kms.disable_key(KeyId=key)
    yield
    account.kms.enable_key(KeyId=key)


@mended
def key_without(account: Account, sid: str) -> Iterator[None]:
    """A statement of the key's policy is gone."""
    key = _key(account)
    before = account.kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    document = json.loads(before)
    document["Statement"] = [one for one in document["Statement"] if not one["Sid"].endswith(sid)]
    account.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(document))
    yield
    account.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=before)


def _key(account: Account) -> str:
    return str(account.lambda_.list_functions()["Functions"][0]["KMSKeyArn"])
