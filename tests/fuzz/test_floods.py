"""One registered spoke that sends what costs much to store takes no other's place."""

from __future__ import annotations

from typing import Any

from tests.archive.conftest import NOW, OTHER, Hub, body, result

from ds_dashboard import aws
from ds_dashboard.deadline import Deadline
from ds_dashboard.hub.archive import Message, archive
from ds_dashboard_local import LocalCloud

from . import hubs

PLACES = 1200


class Counted:
    """DynamoDB whose every look takes a second of the archive's time."""

    def __init__(self, client: Any) -> None:
        self._client, self.looks = client, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def query(self, **arguments: Any) -> Any:
        self.looks += 1
        return self._client.query(**arguments)


def _fill(hub: Hub) -> None:
    """An unbroken run of results, a microsecond each, as a flood of one instant leaves it."""
    instants = [f"2026-11-24T11:00:00.{number:06}Z" for number in range(PLACES)]
    for start in range(0, PLACES, 25):
        puts = [
            {"PutRequest": {"Item": {"MetricName": {"S": "Flood"}, "ExtractionDate": {"S": instant}}}}
            for instant in instants[start : start + 25]
        ]
        hub.dynamodb.batch_write_item(RequestItems={f"{hub.name}-metrics": puts})


def test_a_flood_of_one_instant_holds_up_nobody_else(cloud: LocalCloud) -> None:
    """Finding a place in a long run takes time; who needs none, and who needs a short one, are stored meanwhile."""
    with hubs.hub(cloud) as hub:
        _fill(hub)
        assert hub.archive(body(result(ProjectName="Q", MetricValue=0), account=OTHER)) == []
        counted = Counted(aws.client("dynamodb"))
        aws.use("dynamodb", counted)
        batch = [
            body(result(MetricName="Flood", MetricValue=1)),
            body(result(MetricName="Flood", MetricValue=2)),
            body(result(ProjectName="Q", MetricValue=3), account=OTHER),  # its place is taken: it looks, too
            body(result(ProjectName="Q", MetricName="Other", MetricValue=4), account=OTHER),
        ]
        messages = [Message(str(index), text) for index, text in enumerate(batch)]
        assert archive(
            messages, hub.settings, hub.registration, NOW, Deadline.after(6.0, clock=lambda: counted.looks)
        ) == ["0", "1"]
        assert counted.looks <= 6, "Lambda would have cut the function off, and the whole batch would come again"
        assert sorted(item["MetricValue"] for item in hub.history() if item["MetricName"] != "Flood") == [0, 3, 4]
        assert hub.archive(*batch) == [], "once it is given the time"
        assert sorted(item["MetricValue"] for item in hub.history() if "MetricValue" in item) == [0, 1, 2, 3, 4]
