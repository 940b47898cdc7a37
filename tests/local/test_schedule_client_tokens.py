"""A call that was carried out and whose answer was lost is sent again."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from ds_dashboard_local.client.accounts import Account

GROUP = "daily"


def test_the_same_client_token_answers_as_the_first_time(account: Account) -> None:
    """An SDK repeats a call whose connection broke, and must not be told that its own schedule is in the way."""
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
