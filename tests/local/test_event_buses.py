"""Event buses and PutEvents: who may put events, what is rejected, and how policies read back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard_local.client.accounts import Account, allow

PUT = "events:PutEvents"


def root(account: Account) -> dict[str, str]:
    return {"AWS": f"arn:aws:iam::{account.id}:root"}


def test_an_account_puts_on_a_foreign_bus_by_arn_when_its_policy_permits(account: Account, other: Account) -> None:
    """A caller that may put events needs no rule; the event has the caller's account."""
    bus = other.bus("hub")
    arrived = other.queue("arrived")
    other.rule("hub", "all", arrived)
    with pytest.raises(ClientError, match="no resource-based policy allows"):
        account.emit(bus)
    other.bus_policy("hub", allow(PUT, bus, Principal=root(account)))
    account.emit(bus)
    (message,) = other.messages(arrived)
    assert json.loads(message["Body"])["account"] == account.id


def test_a_role_needs_both_policies_to_put_on_a_foreign_bus(account: Account, other: Account) -> None:
    bus = other.bus("hub")
    other.bus_policy("hub", allow(PUT, bus, Principal=root(account)))
    account.role("producer")
    events = account.as_role("events", "producer")
    entry = {"Source": "test", "DetailType": "test", "Detail": "{}", "EventBusName": bus}
    with pytest.raises(ClientError, match="no identity-based policy allows"):
        events.put_events(Entries=[entry])
    condition = {"StringEquals": {"events:source": "test"}}
    account.permit("producer", allow(PUT, bus, Condition=condition))
    assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0
    with pytest.raises(ClientError, match="AccessDenied"):
        events.put_events(Entries=[{**entry, "Source": "another"}])


def test_a_policy_reads_back_with_root_arns(account: Account, other: Account) -> None:
    """Terraform compares what it reads with what it wrote; AWS reads back ARNs."""
    bus = account.bus("hub")
    account.bus_policy("hub", allow(PUT, bus, Principal={"AWS": [other.id, "999999999999"]}))
    policy = json.loads(account.events.describe_event_bus(Name="hub")["Policy"])
    assert policy["Statement"][0]["Principal"]["AWS"] == [
        f"arn:aws:iam::{other.id}:root",
        "arn:aws:iam::999999999999:root",
    ]
    account.events.remove_permission(EventBusName="hub", RemoveAllPermissions=True)
    assert "Policy" not in account.events.describe_event_bus(Name="hub")


def test_a_statement_can_be_put_in_parts(account: Account, other: Account) -> None:
    bus = account.bus("hub")
    account.events.put_permission(EventBusName="hub", StatementId="one", Action=PUT, Principal=other.id)
    other.emit(bus)
    account.events.remove_permission(EventBusName="hub", StatementId="one")
    with pytest.raises(ClientError, match="AccessDenied"):
        other.emit(bus)


def test_a_permission_for_a_missing_bus_is_rejected(account: Account) -> None:
    with pytest.raises(account.events.exceptions.ResourceNotFoundException):
        account.bus_policy("none", allow(PUT, "*", Principal="*"))


def test_a_policy_over_ten_kilobytes_is_rejected(account: Account) -> None:
    """About 300 accounts; beyond that a hub uses `organization_ids`, so the limit must show here."""
    bus = account.bus("hub")
    names = [f"{number:012}" for number in range(320)]
    with pytest.raises(account.events.exceptions.PolicyLengthExceededException):
        account.bus_policy("hub", allow(PUT, bus, Principal={"AWS": names}))


@pytest.mark.parametrize(("region", "quota"), [("eu-west-1", 300), ("af-south-1", 100), ("eu-south-1", 100)])
def test_a_bus_has_as_many_rules_as_the_regions_quota(account: Account, region: str, quota: int) -> None:
    """One rule for each spoke: one more needs a raised quota, and must not work here."""
    there = Account(account.cloud, account.id, region)
    there.bus("hub")
    for number in range(quota):
        there.events.put_rule(Name=f"r{number}", EventBusName="hub", EventPattern='{"source": ["x"]}')
    there.events.put_rule(Name="r7", EventBusName="hub", EventPattern='{"source": ["y"]}')
    with pytest.raises(there.events.exceptions.LimitExceededException):
        there.events.put_rule(Name="one-more", EventBusName="hub", EventPattern='{"source": ["x"]}')


def test_a_bus_without_description_is_listed_without_one(account: Account) -> None:
    """Terraform reads null and not an empty text, which a string template does not accept."""
    account.events.create_event_bus(Name="described", Description="For tests.")
    listed = {bus["Name"]: bus for bus in account.events.list_event_buses()["EventBuses"]}
    assert listed["described"]["Description"] == "For tests."
    assert "Description" not in listed["default"]


def test_a_bus_with_rules_and_a_rule_with_targets_are_not_deleted(account: Account) -> None:
    """A hub that is destroyed before its connection must fail here as it does on AWS."""
    account.bus("hub")
    account.rule("hub", "all", account.queue("q"))
    with pytest.raises(ClientError, match="EventBus can't be deleted since it has rules"):
        account.events.delete_event_bus(Name="hub")
    with pytest.raises(ClientError, match="has targets"):
        account.events.delete_rule(Name="all", EventBusName="hub")
    account.events.remove_targets(Rule="all", EventBusName="hub", Ids=["target"])
    account.events.delete_rule(Name="all", EventBusName="hub")
    account.events.delete_event_bus(Name="hub")


GOOD = {"Source": "test", "DetailType": "test", "Detail": "{}", "EventBusName": "bus"}


@pytest.fixture
def receiving(account: Account) -> Account:
    account.bus("bus")
    account.rule("bus", "all", account.queue("q"))
    return account


@pytest.mark.parametrize(
    ("entry", "code", "message"),
    [
        ({"Detail": "not JSON"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": "[1]"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": '{"a": NaN}'}, "MalformedDetail", "Detail is malformed."),
        ({"Source": ""}, "InvalidArgument", "Parameter Source is not valid"),
        ({"DetailType": ""}, "InvalidArgument", "Parameter DetailType is not valid"),
        ({"Source": "aws.test"}, "NotAuthorizedForSourceException", "Not authorized for the source."),
    ],
)
def test_a_bad_entry_fails_alone(receiving: Account, entry: dict[str, str], code: str, message: str) -> None:
    """PutEvents answers 200 all the same: a client that does not read the entries loses events."""
    answer = receiving.events.put_events(Entries=[{**GOOD, **entry}, GOOD])
    bad, good = answer["Entries"]
    assert answer["FailedEntryCount"] == 1
    assert bad["ErrorCode"] == code
    assert bad["ErrorMessage"].startswith(message)
    assert len(receiving.messages("q")) == 1
    assert "EventId" in good


def test_every_entry_gets_an_id_of_its_own(receiving: Account) -> None:
    """A retried entry is a new event: its content must identify it."""
    answer = receiving.events.put_events(Entries=[GOOD, GOOD])
    assert len({entry["EventId"] for entry in answer["Entries"]}) == 2


def test_a_request_has_ten_entries_at_most(receiving: Account) -> None:
    assert receiving.events.put_events(Entries=[GOOD] * 10)["FailedEntryCount"] == 0
    with pytest.raises(ClientError, match="less than or equal to 10"):
        receiving.events.put_events(Entries=[GOOD] * 11)


def test_a_request_has_a_megabyte_at_most(receiving: Account) -> None:
    def large(size: int) -> dict[str, Any]:
        return {**GOOD, "Detail": '{"a": "' + "x" * size + '"}'}

    assert receiving.events.put_events(Entries=[large(100_000)] * 10)["FailedEntryCount"] == 0
    with pytest.raises(ClientError, match="over the limit"):
        receiving.events.put_events(Entries=[large(105_000)] * 10)


def test_an_event_for_a_bus_that_does_not_exist_gets_an_id_and_is_lost(receiving: Account) -> None:
    """As on AWS, where a misspelt bus name shows only because nothing arrives."""
    result = receiving.emit("misspelt")
    assert "EventId" in result
    assert receiving.messages("q") == []
