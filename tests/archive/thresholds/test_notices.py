"""Notices of thresholds: what they say, and that each topic gets them."""

from __future__ import annotations

import json
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from ds_dashboard import aws
from ds_dashboard.deadline import Deadline
from ds_dashboard.hub import notices
from ds_dashboard.hub.archive import Message, archive
from ds_dashboard.hub.settings import Sums
from ds_dashboard.hub.totals import Publisher
from ds_dashboard_local import LocalCloud

from ..conftest import NOW, REGION, Hub, body, result
from .conftest import LIMITS, Notices, Refusing, Slow, Throttled, configure, judged, value


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
    assert f"ds-dashboard history Jobs --project P --environment dev --name {hub.name} --region {REGION}\n" in text
    assert program.pop("Text") == text
    assert program.pop("EventId").startswith("event-")
    assert program == {
        "Hub": hub.name,
        "HubRegion": REGION,
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
    hubs = [line for line in notice["Text"].splitlines() if line.startswith("Hub:")]
    assert hubs == [f"Hub:        {hub.name}, {REGION}"]
    assert "\u202e" not in notice["Text"]


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


def test_a_value_whose_notice_waits_changes_its_sum(
    hub: Hub, topic: Notices, sns: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is in the table, and when its message is delivered again, it is not new any more."""
    written: list[set[str]] = []
    monkeypatch.setattr(Publisher, "publish_changed", lambda _, __, metrics, *___: written.append(set(metrics)))
    hub.publisher = Publisher()
    sums = Sums(hub.name, hub.settings.latest_table, timedelta(hours=26), {"Jobs": ()})
    hub.settings = hub.settings._replace(sums=sums)
    aws.use("sns", Refusing(sns, topic.arn))
    assert hub.archive(value(600, 1)) == ["0"]
    assert written == [{"Jobs"}]


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
    assert hub.archive(value(601, 2)) == []
    assert "ThresholdUnsent" not in judged(hub), "each write would pay for what nobody sends"


def test_a_notice_whose_answer_was_lost_is_sent_again(hub: Hub, topic: Notices, sns: Any) -> None:
    """It may be sent twice: nobody knows whether the first one arrived."""
    aws.use("sns", Refusing(sns, topic.arn, after=True))
    crossing = value(600, 1)
    assert hub.archive(crossing) == ["0"]
    aws.use("sns", sns)
    assert hub.archive(crossing) == []
    assert topic.states() == [("ABOVE", 600), ("ABOVE", 600)]


def test_an_event_that_is_delivered_twice_at_once_notifies_once(
    hub: Hub, topic: Notices, sns: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two functions have the event. The one that finds the notice of the other gives it the time to send it."""
    found, sent, crossing = threading.Event(), threading.Event(), value(600, 1)

    def pause(seconds: float) -> None:
        found.set()
        assert sent.wait(10)

    class Publishing:
        def publish(self, **arguments: Any) -> Any:
            second.append(pool.submit(hub.archive, crossing))
            assert found.wait(10)
            return sns.publish(**arguments)

    monkeypatch.setattr(notices, "time", SimpleNamespace(sleep=pause))
    aws.use("sns", Publishing())
    second: list[Future[list[str]]] = []
    with ThreadPoolExecutor(1) as pool:
        assert hub.archive(crossing) == []
        sent.set()
        assert second[0].result(10) == []
    assert (topic.states(), len(second), "ThresholdUnsent" in judged(hub)) == ([("ABOVE", 600)], 1, False)


def test_a_notice_is_published_once_if_the_table_throttles_its_removal(hub: Hub, topic: Notices) -> None:
    """The archive knows that the topic has accepted it, and tries the table again."""
    throttled = Throttled(hub.dynamodb, "REMOVE #unsent", times=2)
    aws.use("dynamodb", throttled)
    assert hub.archive(value(600, 1)) == []
    assert (throttled.times, topic.states(), "ThresholdUnsent" in judged(hub)) == (0, [("ABOVE", 600)], False)


def test_topics_that_answer_slowly_do_not_end_the_function(local_cloud: LocalCloud, hub: Hub, sns: Any) -> None:
    """Lambda would deliver the whole batch again, and the topics that have accepted a notice would get it again."""
    topics = [Notices(local_cloud) for _ in range(8)]
    configure(hub, LIMITS, *(topic.arn for topic in topics))
    slow = Slow(sns, seconds=10)
    aws.use("sns", slow)
    crossing, others = value(600, 1), [value(1, 1, MetricName=f"M{number}") for number in range(3)]
    messages = [Message(str(number), one) for number, one in enumerate([crossing, *others])]
    assert archive(messages, hub.settings, hub.registration, NOW, Deadline.after(50, slow.clock)) == ["0"]
    first = [topic.states() for topic in topics]
    assert (0 < slow.now < 50, first.count([("ABOVE", 600)]), first.count([])) == (True, 3, 5)
    aws.use("sns", sns)
    assert hub.archive(crossing) == []
    assert [before + topic.states() for before, topic in zip(first, topics, strict=True)] == [[("ABOVE", 600)]] * 8


def test_notices_that_a_topic_refuses_for_a_long_time_do_not_fill_the_item(hub: Hub, topic: Notices, sns: Any) -> None:
    """DynamoDB would refuse the value with them. The newest stay."""
    aws.use("sns", Refusing(sns, topic.arn))
    for hour in range(3, 8):
        dates = [f"2026-11-24T0{hour}:{minute:02}:00.000000Z" for minute in range(60)]
        bodies = [body(result(MetricValue=600 * (n % 2), ExtractionDate=date)) for n, date in enumerate(dates)]
        hub.archive(*bodies)
    unsent = judged(hub)["ThresholdUnsent"]
    assert 100 < len(unsent) < 299
    assert len(json.dumps(unsent, default=str)) < 110 * 1024
    assert unsent[-1]["Content"]["ExtractionDate"] == "2026-11-24T07:59:00.000000Z"


def test_every_crossing_of_a_batch_waits_for_every_topic(
    local_cloud: LocalCloud, hub: Hub, topic: Notices, sns: Any
) -> None:
    """A topic that refuses at first gets all of them later, whatever the number of topics."""
    topics = [topic, *(Notices(local_cloud) for _ in range(9))]
    configure(hub, LIMITS, *(one.arn for one in topics))
    aws.use("sns", Refusing(sns, *(one.arn for one in topics)))
    bodies = [value(600 if minute % 2 else 100, minute) for minute in range(30)]
    hub.archive(*bodies)
    aws.use("sns", sns)
    assert hub.archive(*bodies) == []
    assert [one.states() for one in topics] == [[("ABOVE", 600), ("NORMAL", 100)] * 14 + [("ABOVE", 600)]] * 10


@pytest.mark.parametrize("text", ["x" * 150_000, "\U0001f600" * 4096, "\x00" * 4096])
def test_a_number_after_a_long_text_is_notified(hub: Hub, topic: Notices, text: str) -> None:
    """SNS accepts 256 KB, and a message has the text several times."""
    assert hub.archive(value(text, 0)) == []
    assert hub.archive(value(600, 1)) == []
    (notice,) = topic.contents()
    assert (notice["State"], notice["PreviousValue"]) == ("ABOVE", f"{text[:256]}…")


@pytest.mark.parametrize(
    ("metric", "commands"),
    [
        ("--help", ["--project P --environment dev --name {name} --region eu-west-1 -- --help"]),
        ("a b", ["'a b' --project P --environment dev --name {name} --region eu-west-1"]),
        ("a\u202eb", []),
    ],
)
def test_the_command_in_a_notice_works_or_is_absent(hub: Hub, topic: Notices, metric: str, commands: list[str]) -> None:
    """A name can look like an option, or have characters that nobody can copy."""
    hub.settings = hub.settings._replace(thresholds={metric: LIMITS})
    assert hub.archive(value(600, MetricName=metric)) == []
    (notice,) = topic.contents()
    shown = [line.strip() for line in notice["Text"].splitlines() if line.startswith("  ")]
    assert shown == [f"ds-dashboard history {words.format(name=hub.name)}" for words in commands]


@pytest.mark.parametrize("odd", [{"B": b"x"}, {"SS": ["a"]}, {"BOOL": True}, {"M": {"a": {"B": b"x"}}}])
def test_an_item_that_no_archive_wrote_is_notified_without_its_value(
    hub: Hub, topic: Notices, odd: dict[str, Any]
) -> None:
    """Another program can write to the table. It keeps no value out of it."""
    unsent = {"L": [odd, {"M": {"Topics": {"L": [odd]}, "CausedBy": odd, "Content": odd}}]}
    hub.dynamodb.put_item(
        TableName=hub.settings.latest_table,
        Item={
            **{"Project": {"S": "P#dev"}, "MetricName": {"S": "Jobs"}, "MetricValue": odd},
            **{"ThresholdUnsent": unsent, "ThresholdCount": odd, "ThresholdState": odd},
        },
    )
    assert hub.archive(value(600)) == []
    (notice,) = topic.contents()
    assert (notice["State"], notice["PreviousState"], notice["PreviousValue"]) == ("ABOVE", "NORMAL", None)
