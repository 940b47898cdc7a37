"""A topic that is notified of thresholds, and what the archive says about a series."""

from __future__ import annotations

import itertools
import json
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.support.inbox import Topic

from ds_dashboard import aws
from ds_dashboard.hub import notices
from ds_dashboard.thresholds import Threshold
from ds_dashboard_local import LocalCloud

from ..conftest import HUB, REGION, Hub, body, result

_numbers = itertools.count()
LIMITS = Threshold(above=Decimal("500.5"), below=Decimal(10), environments=["d*"])


class Notices(Topic):
    """A topic whose notices are read as programs read them."""

    def __init__(self, cloud: LocalCloud) -> None:
        super().__init__(cloud, HUB, f"thresholds{next(_numbers)}")

    def contents(self) -> list[dict[str, Any]]:
        """Return the notices since the last call, those of the oldest value first."""
        found = [json.loads(one["Message"], parse_float=Decimal) for one in self.take()]
        return sorted(found, key=lambda one: str(one["ExtractionDate"]))

    def states(self) -> list[tuple[str, Any]]:
        """Return the states and values of `contents`."""
        return [(one["State"], one["MetricValue"]) for one in self.contents()]


class Refusing:
    """SNS, which refuses to publish to some topics, or dies after it has published."""

    def __init__(self, client: Any, *topics: str, after: bool = False) -> None:
        self._client, self._topics, self._after, self.calls = client, topics, after, 0

    def publish(self, **arguments: Any) -> Any:
        self.calls += 1
        if self._after:
            self._client.publish(**arguments)
        if arguments["TopicArn"] in self._topics:
            raise ClientError({"Error": {"Code": "AuthorizationError", "Message": "injected by the test"}}, "Publish")
        return self._client.publish(**arguments)


class Slow:
    """SNS, which takes seconds of a test's own clock for each answer."""

    def __init__(self, client: Any, seconds: float) -> None:
        self._client, self._seconds, self.now = client, seconds, 0.0

    def clock(self) -> float:
        return self.now

    def publish(self, **arguments: Any) -> Any:
        self.now += self._seconds
        return self._client.publish(**arguments)


class Throttled:
    """DynamoDB, which throttles updates with an expression for a number of times."""

    def __init__(self, client: Any, expression: str, times: int) -> None:
        self._client, self._expression, self.times = client, expression, times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def update_item(self, **arguments: Any) -> Any:
        if arguments["UpdateExpression"] == self._expression and self.times:
            self.times -= 1
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "injected"}}, "UpdateItem")
        return self._client.update_item(**arguments)


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notice that was found in the table is sent at once."""
    monkeypatch.setattr(notices, "_IN_FLIGHT_SECONDS", 0.0)


@pytest.fixture
def sns(local_cloud: LocalCloud, hub: Hub) -> Any:
    """The client that the archive publishes with."""
    client = local_cloud.client("sns", HUB, REGION)
    aws.use("sns", client)
    return client


@pytest.fixture
def topic(local_cloud: LocalCloud, hub: Hub, sns: Any) -> Notices:
    """The topic that is notified about the metric Jobs."""
    made = Notices(local_cloud)
    configure(hub, LIMITS, made.arn)
    return made


def configure(hub: Hub, threshold: Threshold | None, *topics: str) -> None:
    """Set the threshold of Jobs, and who is notified."""
    thresholds = {} if threshold is None else {"Jobs": threshold}
    hub.settings = hub.settings._replace(thresholds=thresholds, threshold_topics=topics)


def value(number: Any, minute: int = 0, **changes: Any) -> str:
    """Return the message with a value of Jobs in P/dev."""
    return body(result(MetricValue=number, ExtractionDate=f"2026-11-24T11:{minute:02}:00.000000Z", **changes))


def latest(hub: Hub) -> dict[str, Any]:
    """Return the only item of the latest table."""
    (item,) = hub.items("latest")
    return item


def judged(hub: Hub) -> dict[str, Any]:
    """Return the judgement in the only item of the latest table."""
    return {name: one for name, one in latest(hub).items() if name.startswith("Threshold")}
