"""What AWS rejects when it is created twice, and what it adopts: a second Terraform state of one name meets both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard_local.client.accounts import Account, allow, document, package

PATTERN = '{"source": ["test"]}'
TRUST = document({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}})
SCHEDULE = {
    "Name": "s",
    "GroupName": "g",
    "ScheduleExpression": "rate(1 day)",
    "FlexibleTimeWindow": {"Mode": "OFF"},
}
READ = allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"])
Call = Callable[[Account], Any]


def _schedule(account: Account) -> Any:
    role = f"arn:aws:iam::{account.id}:role/scheduler"
    target = {"Arn": account.arn("sqs", "q"), "RoleArn": role}
    return account.scheduler.create_schedule(**SCHEDULE, Target=target)


def _function(account: Account) -> Any:
    return account.lambda_.create_function(
        FunctionName="new",
        Role=f"arn:aws:iam::{account.id}:role/runner",
        Code={"ZipFile": package("")},
        Handler="m.h",
        Runtime="python3.13",
    )


def _table(account: Account) -> Any:
    return account.table("new")


REFUSED: dict[str, tuple[Call, str]] = {
    "schedule group": (lambda a: a.scheduler.create_schedule_group(Name="new"), "ConflictException"),
    "schedule": (_schedule, "ConflictException"),
    "event bus": (lambda a: a.events.create_event_bus(Name="new"), "ResourceAlreadyExistsException"),
    "event archive": (
        lambda a: a.events.create_archive(ArchiveName="a", EventSourceArn=a.arn("events", "event-bus/bus")),
        "ResourceAlreadyExistsException",
    ),
    "table": (_table, "ResourceInUseException"),
    "function": (_function, "ResourceConflictException"),
    "mapping": (
        lambda a: a.lambda_.create_event_source_mapping(FunctionName="f", EventSourceArn=a.arn("sqs", "q")),
        "ResourceConflictException",
    ),
    "statement of a function's policy": (
        lambda a: a.lambda_.add_permission(
            FunctionName="f", StatementId="s", Action="lambda:InvokeFunction", Principal="events.amazonaws.com"
        ),
        "ResourceConflictException",
    ),
    "role": (lambda a: a.iam.create_role(RoleName="new", AssumeRolePolicyDocument=TRUST), "EntityAlreadyExists"),
    "log group": (lambda a: a.logs.create_log_group(logGroupName="new"), "ResourceAlreadyExistsException"),
    "parameter": (
        lambda a: a.ssm.put_parameter(Name="/new", Value="v", Type="String"),
        "ParameterAlreadyExists",
    ),
    "alias of a key": (
        lambda a: a.kms.create_alias(AliasName="alias/new", TargetKeyId=a.kms.list_keys()["Keys"][0]["KeyId"]),
        "AlreadyExistsException",
    ),
}
ADOPTED: dict[str, Call] = {
    "queue": lambda a: a.sqs.create_queue(QueueName="new", Attributes={"VisibilityTimeout": "60"}),
    "alarm": lambda a: a.cloudwatch.put_metric_alarm(
        AlarmName="new",
        Namespace="N",
        MetricName="M",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    ),
    "rule": lambda a: a.events.put_rule(Name="new", EventPattern=PATTERN),
    "policy of a role": lambda a: a.permit("runner", READ),
    "policy of a bus": lambda a: a.bus_policy(
        "bus", allow("events:PutEvents", a.arn("events", "event-bus/bus"), Principal={"AWS": "111111111111"})
    ),
    "asynchronous configuration of a function": lambda a: a.lambda_.put_function_event_invoke_config(
        FunctionName="f", MaximumRetryAttempts=0
    ),
}


@pytest.fixture
def prepared(account: Account) -> Account:
    """Return an account with what the calls name."""
    account.bus("bus")
    account.queue("q")
    account.function("f", "def handler(event, context): pass", READ)
    account.role("runner", service="lambda.amazonaws.com")
    account.role("scheduler", service="scheduler.amazonaws.com")
    account.scheduler.create_schedule_group(Name="g")
    account.kms.create_key()
    return account


@pytest.mark.parametrize("what", REFUSED)
def test_a_second_creation_is_rejected(prepared: Account, what: str) -> None:
    call, code = REFUSED[what]
    call(prepared)
    with pytest.raises(ClientError) as refused:
        call(prepared)
    assert refused.value.response["Error"]["Code"] == code


@pytest.mark.parametrize("what", ADOPTED)
def test_a_second_creation_adopts_silently_what_is_there(prepared: Account, what: str) -> None:
    """Terraform then believes that it created it, and destroys it."""
    ADOPTED[what](prepared)
    ADOPTED[what](prepared)


@pytest.mark.parametrize(
    ("attributes", "adopted"),
    [
        ({}, True),
        ({"VisibilityTimeout": "60"}, True),
        ({"VisibilityTimeout": "60", "DelaySeconds": "0", "SqsManagedSseEnabled": "true"}, True),
        ({"VisibilityTimeout": "61"}, False),
        ({"KmsMasterKeyId": "alias/mine"}, False),
        ({"SqsManagedSseEnabled": "false"}, False),
        ({"Policy": document()}, False),
    ],
    ids=str,
)
def test_a_queue_is_adopted_if_the_given_attributes_are_equal(
    account: Account, attributes: dict[str, str], adopted: bool
) -> None:
    """Attributes that are not given are not compared; a given one that the queue does not have is another value."""
    account.sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "60"})
    try:
        account.sqs.create_queue(QueueName="q", Attributes=attributes)
        code = ""
    except ClientError as error:
        code = error.response["Error"]["Code"]
    assert (code == "") == adopted
    assert adopted or code.endswith(("QueueNameExists", "QueueAlreadyExists"))


def test_a_function_that_is_created_again_has_no_policy_and_no_configurations(prepared: Account) -> None:
    """They go with the function; its event source mappings stay, and invoke the new function of that name."""
    client, source = prepared.lambda_, "def handler(event, context): print('new')"
    mapping = client.create_event_source_mapping(FunctionName="f", EventSourceArn=prepared.arn("sqs", "q"))["UUID"]
    client.add_permission(FunctionName="f", StatementId="s", Action="lambda:InvokeFunction", Principal="111111111111")
    client.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=0)
    client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=1)
    client.delete_function(FunctionName="f")
    client.create_function(
        FunctionName="f",
        Role=f"arn:aws:iam::{prepared.id}:role/f-role",
        Code={"ZipFile": package(source)},
        Handler="module.handler",
        Runtime="python3.13",
    )
    for call in (client.get_policy, client.get_function_event_invoke_config):
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            call(FunctionName="f")
    assert "ReservedConcurrentExecutions" not in client.get_function_concurrency(FunctionName="f")
    assert client.get_event_source_mapping(UUID=mapping)["FunctionArn"].endswith(":function:f")
