"""Schedules: their role, context attributes, dead letters, and repeated creation."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard_local import LocalCloud, LocalCloudError
from ds_dashboard_local.client.accounts import Account, allow

SERVICE = "scheduler.amazonaws.com"


def schedule(account: Account, arn: str, role: str, target: dict[str, Any] | None = None, **more: Any) -> None:
    account.scheduler.create_schedule(
        Name="daily",
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": arn, "RoleArn": role, **(target or {})},
        **more,
    )


def test_a_schedule_is_fired_with_its_time_in_the_input(local_cloud: LocalCloud, account: Account) -> None:
    """A schedule that is delivered twice is one run, because both deliveries have the same time."""
    queue = account.queue("q", from_rules=False)
    text = '{"id": "schedule-<aws.scheduler.scheduled-time>", "run": "<aws.scheduler.execution-id>"}'
    role = account.role("r", allow("sqs:SendMessage", queue), service=SERVICE)
    schedule(account, queue, role, target={"Input": text})
    fired = local_cloud.fire_schedule("daily", account.id)
    assert fired["fired"] == account.arn("scheduler", "schedule/default/daily")
    (message,) = account.messages("q")
    received = json.loads(message["Body"])
    assert received["id"] == f"schedule-{fired['scheduled_time']}"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", fired["scheduled_time"])
    assert re.fullmatch(r"[0-9a-f-]{36}", received["run"])


def test_a_schedules_role_needs_permission_and_failures_become_dead_letters(
    local_cloud: LocalCloud, account: Account
) -> None:
    """The same role sends the dead letter."""
    queue, lost = account.queue("q", from_rules=False), account.queue("lost", from_rules=False)
    role = account.role("r", allow("sqs:SendMessage", lost), service=SERVICE)
    schedule(account, queue, role, target={"DeadLetterConfig": {"Arn": lost}})
    local_cloud.fire_schedule("daily", account.id)
    assert account.messages("q") == []
    (message,) = account.messages("lost")
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert attributes["ERROR_CODE"] == "NO_PERMISSIONS"
    assert attributes["SCHEDULE_ARN"].endswith(":schedule/default/daily")
    account.permit("r", allow("sqs:SendMessage", queue))
    local_cloud.fire_schedule("daily", account.id)
    assert len(account.messages("q")) == 1


@pytest.mark.parametrize(("scope", "accepted"), [("schedule-group/default", True), ("schedule/default/daily", False)])
def test_a_schedules_role_trusts_the_schedules_group(account: Account, scope: str, accepted: bool) -> None:
    """`aws:SourceArn` is the group's ARN; the schedule's own would be the natural mistake."""
    queue = account.queue("q", from_rules=False)
    condition = {"ArnEquals": {"aws:SourceArn": account.arn("scheduler", scope)}}
    role = account.role("r", allow("sqs:SendMessage", queue), service=SERVICE, condition=condition)
    if accepted:
        schedule(account, queue, role)
    else:
        with pytest.raises(ClientError, match="must allow AWS EventBridge Scheduler to assume the role"):
            schedule(account, queue, role)


def test_a_schedule_is_found_in_its_group(local_cloud: LocalCloud, account: Account) -> None:
    """The name is enough, unless two groups have a schedule of that name."""
    queue = account.queue("q", from_rules=False)
    role = account.role("r", allow("sqs:SendMessage", queue), service=SERVICE)
    account.scheduler.create_schedule_group(Name="mine")
    schedule(account, queue, role, GroupName="mine")
    assert local_cloud.fire_schedule("daily", account.id)["fired"].endswith(":schedule/mine/daily")
    schedule(account, queue, role)
    with pytest.raises(LocalCloudError, match="in the groups default, mine; name one"):
        local_cloud.fire_schedule("daily", account.id)
    assert local_cloud.fire_schedule("daily", account.id, group="mine")["fired"].endswith(":schedule/mine/daily")
    assert len(account.messages("q")) == 2


def test_a_schedule_invokes_a_function(local_cloud: LocalCloud, account: Account) -> None:
    queue = account.queue("q")
    url = account.sqs.get_queue_url(QueueName="q")["QueueUrl"]
    source = f"""
import boto3
def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl="{url}", MessageBody=event["detail"]["RefreshId"])
"""
    function = account.function("f", source, allow("sqs:SendMessage", queue))
    role = account.role("r", allow("lambda:InvokeFunction", function), service=SERVICE)
    schedule(account, function, role, target={"Input": '{"detail": {"RefreshId": "<aws.scheduler.scheduled-time>"}}'})
    fired = local_cloud.fire_schedule("daily", account.id)
    assert [m["Body"] for m in account.messages("q", wait=10)] == [fired["scheduled_time"]]


def test_a_rule_with_a_schedule_is_fired(local_cloud: LocalCloud, account: Account) -> None:
    account.events.put_rule(Name="hourly", ScheduleExpression="rate(1 hour)")
    account.events.put_targets(Rule="hourly", Targets=[{"Id": "1", "Arn": account.queue("q")}])
    local_cloud.fire_schedule("hourly", account.id)
    (message,) = account.messages("q")
    assert json.loads(message["Body"])["detail-type"] == "Scheduled Event"


def test_a_disabled_or_missing_schedule_is_not_fired(local_cloud: LocalCloud, account: Account) -> None:
    queue = account.queue("q", from_rules=False)
    schedule(account, queue, account.role("r", allow("sqs:SendMessage", queue), service=SERVICE), State="DISABLED")
    with pytest.raises(LocalCloudError, match="is disabled"):
        local_cloud.fire_schedule("daily", account.id)
    with pytest.raises(LocalCloudError, match="no schedule and no scheduled rule 'weekly' in eu-west-1"):
        local_cloud.fire_schedule("weekly", account.id)
    assert account.messages("q") == []


GROUP = "daily"


def test_the_same_client_token_gets_the_first_answer(account: Account) -> None:
    """An SDK repeats a call whose connection broke, and its own schedule must not be a conflict."""
    scheduler = account.cloud.client("scheduler", account.id)
    iam = account.cloud.client("iam", account.id)
    trust = {"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName="schedule", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    first = scheduler.create_schedule_group(Name=GROUP, ClientToken="one")
    assert (
        scheduler.create_schedule_group(Name=GROUP, ClientToken="one")["ScheduleGroupArn"] == first["ScheduleGroupArn"]
    )
    wanted = {
        "Name": "extract",
        "GroupName": GROUP,
        "ScheduleExpression": "rate(1 day)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": f"arn:aws:lambda:eu-west-1:{account.id}:function:extract", "RoleArn": role},
    }
    made = scheduler.create_schedule(**wanted, ClientToken="two")
    assert scheduler.create_schedule(**wanted, ClientToken="two")["ScheduleArn"] == made["ScheduleArn"]
    with pytest.raises(ClientError, match="ConflictException"):
        scheduler.create_schedule(**wanted, ClientToken="three")
