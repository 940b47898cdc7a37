"""Thresholds: who is notified of which values, and what stays in the latest table."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.support.inbox import Topic

from ds_dashboard import aws
from ds_dashboard.thresholds import Threshold
from ds_dashboard_local import LocalCloud

from .conftest import FAILURE, HUB, REGION, Hub, body, result

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


def test_crossing_and_coming_back_notify_once_each(hub: Hub, topic: Notices) -> None:
    """A value equal to a limit is within. Whoever was notified wants to know when it is over."""
    for minute, number in enumerate([500.5, 501, 600, 10, 9, 8, 600, 300]):
        assert hub.archive(value(number, minute)) == []
    assert topic.states() == [
        ("ABOVE", 501),
        ("NORMAL", 10),
        ("BELOW", 9),
        ("ABOVE", 600),
        ("NORMAL", 300),
    ]
    assert judged(hub) == {"ThresholdAbove": Decimal("500.5"), "ThresholdBelow": 10}


def test_a_notice_says_what_happened_to_people_and_programs(hub: Hub, topic: Notices, sns: Any) -> None:
    """Mail shows the text; a program gets JSON with exact numbers, and the text."""
    hub.archive(value(1.5, Unit="USD"))
    topic.take()
    published: list[dict[str, Any]] = []
    aws.use("sns", type("Recorded", (), {"publish": lambda _, **call: published.append(call)})())
    hub.archive(value(Decimal("500.75"), 1, Unit="USD"))
    (call,) = published
    assert call["Subject"] == "ABOVE: Jobs of P/dev"
    message = json.loads(call["Message"])
    text, program = message["default"], json.loads(message["sqs"], parse_float=Decimal)
    assert call["MessageStructure"] == "json"
    assert text.startswith("Jobs of P/dev is above 500.5 USD: 500.75 USD.\n")
    assert "Before:     1.5 USD" in text
    assert f"ds-dashboard history Jobs --project P --environment dev --name {hub.name}" in text
    assert program.pop("Text") == text
    assert program.pop("EventId").startswith("event-")
    assert program == {
        "Hub": hub.name,
        "State": "ABOVE",
        "PreviousState": "BELOW",
        "PreviousSince": "2026-11-24T11:00:00.000000Z",
        "MetricName": "Jobs",
        "ProjectName": "P",
        "Environment": "dev",
        "MetricValue": Decimal("500.75"),
        "PreviousValue": Decimal("1.5"),
        "Unit": "USD",
        "Above": Decimal("500.5"),
        "Below": 10,
        "For": 1,
        "ExtractionDate": "2026-11-24T11:01:00.000000Z",
        "AccountId": "222222222222",
        "Region": REGION,
    }
    assert call["MessageAttributes"]["State"] == {"DataType": "String", "StringValue": "ABOVE"}
    assert message["https"] == message["lambda"] == message["sqs"]


def test_a_hostile_unit_stays_in_its_place(hub: Hub, topic: Notices) -> None:
    """A spoke chooses it. It ends no line of the text, and no text of the JSON."""
    hub.archive(value(600, Unit='x\n\nHub: other", "State": "NORMAL\u202e'))
    (notice,) = topic.contents()
    assert (notice["State"], notice["Unit"]) == ("ABOVE", 'x\n\nHub: other", "State": "NORMAL\u202e')
    assert [line for line in notice["Text"].splitlines() if line.startswith("Hub:")] == [f"Hub:        {hub.name}"]
    assert "\u202e" not in notice["Text"]


def test_the_table_says_since_when_a_threshold_is_crossed(hub: Hub, topic: Notices) -> None:
    """Pages and commands show it without a further read, and pages draw the limits."""
    for minute, number in enumerate([100, 600, 700]):
        hub.archive(value(number, minute))
    assert judged(hub) == {
        "ThresholdAbove": Decimal("500.5"),
        "ThresholdBelow": 10,
        "ThresholdState": "above",
        "ThresholdSince": "2026-11-24T11:01:00.000000Z",
        "ThresholdSide": "above",
        "ThresholdCount": 2,
    }
    assert (latest(hub)["MetricValue"], len(hub.history())) == (700, 3)


def test_for_two_needs_two_values_in_a_row(hub: Hub, topic: Notices) -> None:
    """One outlier wakes nobody. The other side is not the same row."""
    configure(hub, LIMITS._replace(values=2), topic.arn)
    for minute, number in enumerate([600, 100, 600, 5, 600, 601, 5, 4, 100]):
        hub.archive(value(number, minute))
    assert topic.states() == [("ABOVE", 601), ("NORMAL", 5), ("BELOW", 4), ("NORMAL", 100)]


@pytest.mark.parametrize("together", [1, 2, 3, 6])
def test_notices_do_not_depend_on_how_values_are_cut_into_batches(hub: Hub, topic: Notices, together: int) -> None:
    """A queue delivers the values of a second, or those of an outage, as one batch, in any order."""
    configure(hub, LIMITS._replace(values=2), topic.arn)
    bodies = [value(number, minute) for minute, number in enumerate([600, 601, 100, 602, 603, 604])]
    for start in range(0, len(bodies), together):
        assert hub.archive(*reversed(bodies[start : start + together])) == []
    assert topic.states() == [("ABOVE", 601), ("NORMAL", 100), ("ABOVE", 603)]
    assert (latest(hub)["MetricValue"], judged(hub)["ThresholdCount"]) == (604, 3)


def test_what_says_nothing_new_about_the_present_notifies_nobody(hub: Hub, topic: Notices) -> None:
    """Redelivered, older, as of a past instant, a text, a failure, another environment, another metric."""
    hub.archive(value(600, 10))
    assert len(topic.take()) == 1
    before = judged(hub)
    past = "2026-11-24T11:20:00.000000Z"
    for message in (
        value(600, 10),
        value(100, 5),
        value(1, 20, RefreshId=f"asof-{past}", Metadata={"AsOf": True}),
        value("v1", 30),
        body(FAILURE, kind="metric_extractor_failure"),
    ):
        assert hub.archive(message) == []
    assert (topic.take(), judged(hub)) == ([], before)
    hub.archive(value(600, 10, Environment="prod"), value(600, 10, MetricName="Other"))
    assert topic.take() == []
    hub.archive(value(100, 40))
    assert topic.states() == [("NORMAL", 100)]


def test_a_value_is_in_the_tables_and_delivered_again_if_its_topic_refuses_the_notice(
    hub: Hub, topic: Notices, sns: Any
) -> None:
    """The message stays in the queue until the notice is sent, and other messages are not affected."""
    aws.use("sns", Refusing(sns, topic.arn))
    crossing = value(600, 1)
    assert hub.archive(crossing, value(1, 1, MetricName="Other")) == ["0"]
    assert {item["MetricName"]: item["MetricValue"] for item in hub.items("latest")} == {"Jobs": 600, "Other": 1}
    assert len(hub.history()) == 2
    assert hub.archive(crossing) == ["0"]
    aws.use("sns", sns)
    assert (hub.archive(crossing), topic.states()) == ([], [("ABOVE", 600)])
    assert (hub.archive(crossing), topic.take()) == ([], [])


def test_a_crossing_is_notified_even_if_the_series_came_back_before_its_topic_accepted_it(
    hub: Hub, topic: Notices, sns: Any
) -> None:
    """Never not at all. The later value is not held up by the notice of the earlier one."""
    aws.use("sns", Refusing(sns, topic.arn))
    crossing, back, again = value(600, 1), value(100, 2), value(101, 3)
    assert hub.archive(crossing) == ["0"]
    assert hub.archive(back) == ["0"]
    assert hub.archive(again) == []
    aws.use("sns", sns)
    assert hub.archive(back, crossing, again) == []
    assert topic.states() == [("ABOVE", 600), ("NORMAL", 100)]
    assert "ThresholdUnsent" not in judged(hub)


def test_a_topic_that_refuses_keeps_no_other_topic_from_its_notice(
    local_cloud: LocalCloud, hub: Hub, topic: Notices, sns: Any
) -> None:
    """The retries reach only the topic that has not accepted it yet."""
    other = Notices(local_cloud)
    configure(hub, LIMITS, topic.arn, other.arn)
    aws.use("sns", Refusing(sns, topic.arn))
    crossing = value(600, 1)
    assert hub.archive(crossing) == hub.archive(crossing) == ["0"]
    assert (topic.states(), other.states()) == ([], [("ABOVE", 600)])
    aws.use("sns", sns)
    assert hub.archive(crossing) == []
    assert (topic.states(), other.states()) == ([("ABOVE", 600)], [])


def test_a_topic_that_was_removed_from_the_hub_holds_up_no_message(hub: Hub, topic: Notices, sns: Any) -> None:
    """A topic that was deleted is removed from the hub's settings, and the messages that wait for it go through."""
    aws.use("sns", Refusing(sns, topic.arn))
    crossing = value(600, 1)
    assert hub.archive(crossing) == ["0"]
    configure(hub, LIMITS)
    assert hub.archive(crossing) == []


def test_a_notice_whose_answer_was_lost_is_sent_again(hub: Hub, topic: Notices, sns: Any) -> None:
    """It may be sent twice: nobody knows whether the first one arrived."""
    aws.use("sns", Refusing(sns, topic.arn, after=True))
    crossing = value(600, 1)
    assert hub.archive(crossing) == ["0"]
    aws.use("sns", sns)
    assert hub.archive(crossing) == []
    assert topic.states() == [("ABOVE", 600), ("ABOVE", 600)]


def test_notices_that_a_topic_refuses_for_a_long_time_do_not_fill_the_item(hub: Hub, topic: Notices, sns: Any) -> None:
    """DynamoDB would refuse the value with them. The newest stay."""
    aws.use("sns", Refusing(sns, topic.arn))
    hub.archive(*(value(600 if minute % 2 else 100, minute) for minute in range(50)))
    unsent = judged(hub)["ThresholdUnsent"]
    assert (len(unsent), unsent[-1]["Content"]["MetricValue"]) == (20, 600)


class Interfering:
    """A table that another archive writes between the read and the write of a value."""

    def __init__(self, hub: Hub, *others: str) -> None:
        self._hub, self._client, self._others = hub, hub.dynamodb, iter(others)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def update_item(self, **arguments: Any) -> Any:
        if (other := next(self._others, None)) is not None:
            aws.use("dynamodb", self._client)
            self._hub.archive(other)
            aws.use("dynamodb", self)
        return self._client.update_item(**arguments)


def test_archives_that_write_the_same_series_notify_once(hub: Hub, topic: Notices) -> None:
    """Both crossed the threshold when they read the item. Only the one that wrote first has crossed it."""
    hub.archive(value(100, 0))
    aws.use("dynamodb", Interfering(hub, value(601, 2)))
    assert hub.archive(value(602, 3)) == []
    assert (topic.states(), latest(hub)["MetricValue"]) == ([("ABOVE", 601)], 602)
    aws.use("dynamodb", Interfering(hub, value(100, 5)))
    assert hub.archive(value(99, 4)) == []
    assert (topic.states(), latest(hub)["MetricValue"]) == ([("NORMAL", 100)], 100)


def test_a_threshold_without_topics_is_shown_only(hub: Hub, sns: Any) -> None:
    """Pages need no topic."""
    configure(hub, LIMITS)
    aws.use("sns", Refusing(sns))
    assert hub.archive(value(600)) == []
    assert judged(hub)["ThresholdState"] == "above"


def test_a_series_whose_threshold_was_removed_keeps_no_judgement(hub: Hub, topic: Notices) -> None:
    """Otherwise it would be shown as ABOVE for ever. The next value removes it, and notifies nobody."""
    hub.archive(value(600, 0))
    topic.take()
    configure(hub, None, topic.arn)
    hub.archive(value(601, 1))
    assert (judged(hub), topic.take()) == ({}, [])


def test_changed_limits_apply_to_the_next_value(hub: Hub, topic: Notices) -> None:
    """The value that is in the table is not judged again."""
    hub.archive(value(600, 0))
    configure(hub, LIMITS._replace(above=Decimal(1000)), topic.arn)
    hub.archive(value(600, 1))
    assert topic.states() == [("ABOVE", 600), ("NORMAL", 600)]


@pytest.fixture(autouse=True)
def own_clients() -> Iterator[None]:
    """No client of a test serves the next one."""
    yield
    aws.forget()
