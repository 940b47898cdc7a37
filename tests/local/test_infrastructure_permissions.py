"""Permissions of calls that create infrastructure: on the resource itself, and on the role that is passed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from ds_dashboard_local.client.accounts import Account, allow, package

Client = Callable[[str], Any]
DENIED = ("AccessDenied", "AccessDeniedException")


@pytest.fixture
def may(account: Account) -> Callable[..., Client]:
    """Return clients of a role with only these statements."""

    def clients(*statements: dict[str, Any]) -> Client:
        account.role("maker", *statements)
        return lambda service: account.as_role(service, "maker")

    return clients


def _denied(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as refused:
        call()
    assert refused.value.response["Error"]["Code"] in DENIED
    return str(refused.value)


def _outcome(call: Callable[[], Any]) -> str:
    try:
        return str(call())
    except ClientError as error:
        return str(error)


def test_a_bus_is_authorized_by_its_own_name(account: Account, may: Callable[..., Client]) -> None:
    """A policy for one bus does not allow another."""
    events = may(allow("events:CreateEventBus", account.arn("events", "event-bus/mine")))("events")
    events.create_event_bus(Name="mine")
    assert account.arn("events", "event-bus/other") in _denied(lambda: events.create_event_bus(Name="other"))


def test_a_dashboard_is_authorized_by_its_name_in_no_region(account: Account, may: Callable[..., Client]) -> None:
    """An account's dashboards share one namespace for all regions, and their ARNs have none."""
    arn = f"arn:aws:cloudwatch::{account.id}:dashboard/mine"
    cloudwatch = may(allow(["cloudwatch:PutDashboard", "cloudwatch:GetDashboard"], arn))("cloudwatch")
    body = '{"widgets": []}'
    cloudwatch.put_dashboard(DashboardName="mine", DashboardBody=body)
    assert cloudwatch.get_dashboard(DashboardName="mine")["DashboardBody"] == body
    _denied(lambda: cloudwatch.put_dashboard(DashboardName="other", DashboardBody=body))
    _denied(lambda: cloudwatch.delete_dashboards(DashboardNames=["mine"]))


def test_targets_are_authorized_by_their_rule(account: Account, may: Callable[..., Client]) -> None:
    """The role in the target must also be one that may be passed to EventBridge."""
    account.bus("mine")
    for rule in ("good", "bad"):
        account.events.put_rule(Name=rule, EventBusName="mine", EventPattern='{"source": ["test"]}')
    target = {"Id": "t", "Arn": account.bus("there"), "RoleArn": account.role("sender", service="events.amazonaws.com")}
    put = allow("events:PutTargets", account.arn("events", "rule/mine/good"))
    events = may(put)("events")

    def call(rule: str) -> Any:
        return events.put_targets(Rule=rule, EventBusName="mine", Targets=[target])

    assert "rule/mine/bad" in _denied(lambda: call("bad"))
    assert "iam:PassRole" in _denied(lambda: call("good"))
    to_events = {"StringEquals": {"iam:PassedToService": "events.amazonaws.com"}}
    account.permit("maker", put, allow("iam:PassRole", target["RoleArn"], Condition=to_events))
    assert call("good")["FailedEntryCount"] == 0


@pytest.mark.parametrize(("bus", "rule"), [("default", "mine"), ("there", "there/mine")])
def test_a_rule_is_authorized_by_its_own_arn(bus: str, rule: str, account: Account, may: Callable[..., Client]) -> None:
    """The ARN of a rule on the default bus has no bus in it."""
    if bus != "default":
        account.bus(bus)
    events = may(allow(["events:PutRule", "events:DescribeRule"], account.arn("events", f"rule/{rule}")))("events")
    events.put_rule(Name="mine", EventBusName=bus, EventPattern='{"source": ["test"]}')
    assert events.describe_rule(Name="mine", EventBusName=bus)["Name"] == "mine"
    assert "/other" in _denied(lambda: events.describe_rule(Name="other", EventBusName=bus))


@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        (
            "events:PutPermission",
            {"EventBusName": "mine", "StatementId": "s", "Action": "events:PutEvents", "Principal": "111111111111"},
        ),
        ("events:RemovePermission", {"EventBusName": "mine", "RemoveAllPermissions": True}),
        ("events:ListRules", {"EventBusName": "mine"}),
        ("events:ListRuleNamesByTarget", {"EventBusName": "mine", "TargetArn": "arn:aws:sqs:eu-west-1:1:q"}),
        ("kms:ListAliases", {"KeyId": "KEY"}),
        ("logs:DescribeQueries", {"logGroupName": "mine"}),
        ("dynamodb:ListBackups", {"TableName": "mine"}),
        ("dynamodb:ListContributorInsights", {"TableName": "mine"}),
    ],
)
def test_an_action_without_a_resource_type_needs_a_statement_for_every_resource(
    action: str, arguments: dict[str, Any], account: Account, may: Callable[..., Client]
) -> None:
    """A statement with an ARN never allows it, although the call names that resource."""
    service, _, operation = action.partition(":")
    account.bus("mine")
    if service == "kms":
        arguments = {"KeyId": account.kms.create_key()["KeyMetadata"]["Arn"]}
    client = may(allow(action, f"arn:aws:{service}:*:*:*"))(service)
    call = getattr(client, xform_name(operation))
    assert "on resource: *" in _denied(lambda: call(**arguments))
    account.permit("maker", allow(action))
    assert "is not authorized to perform" not in _outcome(lambda: call(**arguments))


def test_a_schedule_is_authorized_in_its_group(account: Account, may: Callable[..., Client]) -> None:
    """A policy names the group, which belongs to one installation."""
    account.scheduler.create_schedule_group(Name="mine")
    made = account.arn("scheduler", "schedule/mine/daily")
    scheduler = may(allow("scheduler:*", made))("scheduler")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        scheduler.get_schedule(Name="daily", GroupName="mine")
    assert "schedule/default/daily" in _denied(lambda: scheduler.get_schedule(Name="daily"))


def test_a_function_is_authorized_by_its_name_and_with_its_role(account: Account, may: Callable[..., Client]) -> None:
    """A caller that may pass any role to a function may do whatever any role may."""
    role = account.role("runner", service="lambda.amazonaws.com")
    create = allow("lambda:CreateFunction", account.arn("lambda", "function:mine-*"))
    code = {"ZipFile": package("")}

    def call(name: str) -> Any:
        client = account.as_role("lambda", "maker")
        return client.create_function(FunctionName=name, Role=role, Code=code, Handler="m.h", Runtime="python3.13")

    may(create)
    assert "function:other" in _denied(lambda: call("other"))
    assert "iam:PassRole" in _denied(lambda: call("mine-1"))
    to_scheduler = {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}
    account.permit("maker", create, allow("iam:PassRole", role, Condition=to_scheduler))
    assert "iam:PassRole" in _denied(lambda: call("mine-1"))
    account.permit("maker", create, allow("iam:PassRole", role))
    assert call("mine-1")["FunctionName"] == "mine-1"


def test_a_functions_asynchronous_configuration_has_actions_of_its_own(
    account: Account, may: Callable[..., Client]
) -> None:
    """Permissions for the function and its code do not allow it."""
    function = account.function("mine", "def handler(event, context): pass")
    configure = {"FunctionName": "mine", "MaximumRetryAttempts": 0}
    may(allow(["lambda:UpdateFunctionCode", "lambda:GetFunction", "lambda:DeleteFunction"], function))
    client = account.as_role("lambda", "maker")
    put = "lambda:PutFunctionEventInvokeConfig"
    assert put in _denied(lambda: client.put_function_event_invoke_config(**configure))
    account.permit("maker", allow(put, function))
    client.put_function_event_invoke_config(**configure)
    get = _denied(lambda: client.get_function_event_invoke_config(FunctionName="mine"))
    assert "lambda:GetFunctionEventInvokeConfig" in get


def test_a_functions_concurrency_is_read_set_and_freed_by_three_actions(
    account: Account, may: Callable[..., Client]
) -> None:
    """A caller that may read it may not stop the function with it."""
    function = account.function("mine", "def handler(event, context): pass")
    client = may(allow("lambda:GetFunctionConcurrency", function))("lambda")
    client.get_function_concurrency(FunctionName="mine")
    put = _denied(lambda: client.put_function_concurrency(FunctionName="mine", ReservedConcurrentExecutions=0))
    assert "lambda:PutFunctionConcurrency" in put
    assert "lambda:DeleteFunctionConcurrency" in _denied(
        lambda: client.delete_function_concurrency(FunctionName="mine")
    )


@pytest.mark.parametrize(
    ("service", "operation", "argument", "kind"),
    [
        ("cloudwatch", "ListTagsForResource", "ResourceARN", "alarm:"),
        ("dynamodb", "ListTagsOfResource", "ResourceArn", "table/"),
        ("events", "ListTagsForResource", "ResourceARN", "event-bus/"),
        ("scheduler", "ListTagsForResource", "ResourceArn", "schedule-group/"),
    ],
)
def test_tags_are_authorized_on_the_tagged_resource(
    service: str, operation: str, argument: str, kind: str, account: Account, may: Callable[..., Client]
) -> None:
    """Tags can decide about permissions, so their changes need permissions of their own."""
    mine, other = (account.arn(service, kind + name) for name in ("mine", "other"))
    client = may(allow(f"{service}:{operation}", mine))(service)
    call = getattr(client, xform_name(operation))
    assert other in _denied(lambda: call(**{argument: other}))
    # No such resource exists. Each service answers in its own way, but does not deny the call.
    assert "is not authorized to perform" not in _outcome(lambda: call(**{argument: mine}))


def test_alarms_are_authorized_one_by_one(account: Account, may: Callable[..., Client]) -> None:
    """One that the policy does not allow denies the whole call."""
    cloudwatch = may(allow("cloudwatch:DeleteAlarms", account.arn("cloudwatch", "alarm:mine-*")))("cloudwatch")
    cloudwatch.delete_alarms(AlarmNames=["mine-1"])
    assert "alarm:other" in _denied(lambda: cloudwatch.delete_alarms(AlarmNames=["mine-1", "other"]))


def test_archives_and_replays_are_authorized_by_their_names(account: Account, may: Callable[..., Client]) -> None:
    """A call about an archive is authorized on its bus too, and one about a replay on its archive."""
    bus, archive = account.bus("mine"), account.arn("events", "archive/mine")
    replay = account.arn("events", "replay/mine")
    make = allow("events:CreateArchive", [archive, bus])
    events = may(make, allow(["events:StartReplay", "events:DescribeReplay"], replay))("events")
    events.create_archive(ArchiveName="mine", EventSourceArn=bus)
    assert "archive/other" in _denied(lambda: events.create_archive(ArchiveName="other", EventSourceArn=bus))
    times = {"EventStartTime": 0, "EventEndTime": 1}

    def start(name: str) -> Any:
        return events.start_replay(ReplayName=name, EventSourceArn=archive, Destination={"Arn": bus}, **times)

    assert "replay/other" in _denied(lambda: start("other"))
    assert "archive/mine" in _denied(lambda: start("mine"))
    account.permit("maker", allow(["events:StartReplay", "events:DescribeReplay"], [replay, archive]))
    start("mine")
    assert events.describe_replay(ReplayName="mine")["ReplayName"] == "mine"
