"""What PutEvents checks, entry by entry and as a whole."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard_local.client.accounts import Account

GOOD = {"Source": "test", "DetailType": "test", "Detail": "{}", "EventBusName": "bus"}


@pytest.fixture
def bus(account: Account) -> Account:
    account.bus("bus")
    account.rule("bus", "all", account.queue("q"))
    return account


@pytest.mark.parametrize(
    ("entry", "code", "message"),
    [
        ({"Detail": "no JSON"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": "[1]"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": '{"a": NaN}'}, "MalformedDetail", "Detail is malformed."),
        ({"Source": ""}, "InvalidArgument", "Parameter Source is not valid"),
        ({"DetailType": ""}, "InvalidArgument", "Parameter DetailType is not valid"),
        ({"Source": "aws.test"}, "NotAuthorizedForSourceException", "Not authorized for the source."),
    ],
)
def test_a_bad_entry_fails_alone(bus: Account, entry: dict[str, str], code: str, message: str) -> None:
    """PutEvents answers 200 all the same: who does not read the entries loses events."""
    answer = bus.events.put_events(Entries=[{**GOOD, **entry}, GOOD])
    bad, good = answer["Entries"]
    assert answer["FailedEntryCount"] == 1
    assert bad["ErrorCode"] == code
    assert bad["ErrorMessage"].startswith(message)
    assert len(bus.messages("q")) == 1
    assert "EventId" in good


def test_every_entry_gets_an_id_of_its_own(bus: Account) -> None:
    """A retried entry is a new event: identity is the content's business."""
    answer = bus.events.put_events(Entries=[GOOD, GOOD])
    assert len({entry["EventId"] for entry in answer["Entries"]}) == 2


def test_a_request_takes_ten_entries(bus: Account) -> None:
    assert bus.events.put_events(Entries=[GOOD] * 10)["FailedEntryCount"] == 0
    with pytest.raises(ClientError, match="less than or equal to 10"):
        bus.events.put_events(Entries=[GOOD] * 11)


def test_a_request_takes_a_megabyte(bus: Account) -> None:
    def large(size: int) -> dict[str, Any]:
        return {**GOOD, "Detail": '{"a": "' + "x" * size + '"}'}

    assert bus.events.put_events(Entries=[large(100_000)] * 10)["FailedEntryCount"] == 0
    with pytest.raises(ClientError, match="over the limit"):
        bus.events.put_events(Entries=[large(105_000)] * 10)


def test_an_event_for_a_bus_that_does_not_exist_gets_an_id_and_is_lost(bus: Account) -> None:
    """AWS does that, so a misspelt bus name shows only by what does not arrive."""
    result = bus.emit("misspelt")
    assert "EventId" in result
    assert bus.messages("q") == []
