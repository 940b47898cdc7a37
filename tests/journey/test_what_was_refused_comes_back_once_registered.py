"""An operator registers the project and sends the message back to the archive's queue: nothing was lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .company import ALPHA, HUB, Parameter
from .conftest import World
from .hub import Hub, Item
from .polling import eventually

# The archive asks Parameter Store at most once a minute whether a refusal still holds.
_ASKED_AGAIN_SECONDS = 75


@pytest.fixture
def registered(world: World) -> Iterator[None]:
    """The project Late, registered now."""
    parameter = Parameter(HUB, "/monitored_projects/Late/dev", ALPHA)
    parameter.put(world.cloud)
    yield
    parameter.delete(world.cloud)


@pytest.fixture
def message(world: World, central: Hub) -> dict[str, str]:
    """What Alpha's account sent for Late before Late was registered, as it was refused."""
    return central.wait_for_rejected(world.unregistered_event_id)


def test_a_refused_event_is_archived_after_registration(
    message: dict[str, str], registered: None, world: World, central: Hub
) -> None:
    """Sent back verbatim, to the queue that output queue_url names; the connection needs no apply for it."""
    assert message["Code"] == "Unregistered"
    assert "there is no parameter /monitored_projects/Late/dev" in message["Reason"]

    def sent_back() -> list[Item]:
        central.client("sqs").send_message(QueueUrl=central.outputs["queue_url"], MessageBody=message["Body"])
        central.settle()
        return central.history(EventId=world.unregistered_event_id)

    (item,) = eventually(sent_back, "the item of the event sent back", seconds=_ASKED_AGAIN_SECONDS)
    assert (item["ProjectName"], item["MetricName"], item["MetricValue"]) == ("Late", "Arrivals", 1)
