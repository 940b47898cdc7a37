"""Where the hub lets a spoke in no longer, its events wait in the spoke, and are put again by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .hub import Hub
from .polling import eventually
from .spoke import Spoke

BUS = "lookout-hub"


@pytest.fixture
def restore(central: Hub) -> Iterator[Callable[[], None]]:
    """The central hub's bus lets nobody in, until this is called."""
    events = central.client("events")
    policy = events.describe_event_bus(Name=BUS)["Policy"]
    events.remove_permission(EventBusName=BUS, RemoveAllPermissions=True)

    def put_back() -> None:
        events.put_permission(EventBusName=BUS, Policy=policy)

    yield put_back
    put_back()


def _take_letters(spoke: Spoke, most: int) -> list[dict[str, Any]]:
    sqs, letters = spoke.client("sqs"), []
    queue = sqs.get_queue_url(QueueName="lookout-to-hubs-dead-letters")["QueueUrl"]

    def take() -> bool:
        answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        for message in answer.get("Messages", []):
            letters.append(message)
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return len(letters) >= most and not answer.get("Messages")

    eventually(take, f"{most} dead letters")
    return letters


def test_events_wait_as_dead_letters_and_arrive_once_when_put_again(
    restore: Callable[[], None], central: Hub, alpha: Spoke
) -> None:
    """Values, failures and the run event: nothing of it is lost, and what is put again twice is there once."""
    refresh_id = central.refresh(Projects=["Alpha"])
    alpha.wait_for_log(event="metric_extractor_run", RefreshId=refresh_id)
    (run,) = alpha.log(event="metric_extractor_run", RefreshId=refresh_id)
    letters = _take_letters(alpha, run["Emitted"] + run["Failed"] + 1)
    assert {letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] for letter in letters} == {"NO_PERMISSIONS"}
    events = [json.loads(letter["Body"]) for letter in letters]
    assert {event["detail"]["RefreshId"] for event in events} == {refresh_id}
    assert len({event["id"] for event in events}) == len(events) == 13

    central.settle()
    assert central.history(RefreshId=refresh_id) == []
    restore()
    for event in [*events, *events[:3]]:
        alpha.put(event["detail"], kind=event["detail-type"], source=event["source"])
    central.wait_for(refresh_id, "Alpha/dev")
    central.settle()
    assert len(central.values(refresh_id)["Alpha/dev"]) == run["Emitted"] == 9
    assert central.failures(refresh_id)["Alpha/dev"].keys() == {"Broken", "NotANumber", "Undeclared"}
