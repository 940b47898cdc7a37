"""Thresholds: who is notified of which values, and what stays in the latest table."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ds_dashboard import aws
from ds_dashboard.thresholds import Threshold

from ..conftest import FAILURE, Hub, body
from .conftest import LIMITS, Notices, Refusing, configure, judged, latest, value


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


@pytest.mark.parametrize("number", ["1e125", "-1e125", "1.2345678901234567890123456789012345678e50", "9" * 38])
def test_a_number_of_any_size_is_judged_and_read_again(hub: Hub, topic: Notices, sns: Any, number: str) -> None:
    """DynamoDB writes large numbers out in full, with more digits than boto3 reads. The series goes on after them."""
    huge = value(1, 1).replace('"MetricValue": 1,', f'"MetricValue": {number},')
    aws.use("sns", Refusing(sns, topic.arn))
    assert hub.archive(huge) == ["0"]
    aws.use("sns", sns)
    assert hub.archive(huge) == []
    assert hub.archive(value(100, 2)) == []
    first, second = topic.contents()
    assert (first["MetricValue"], second["PreviousValue"]) == (Decimal(number), Decimal(number))
    assert (second["State"], latest(hub)["MetricValue"]) == ("NORMAL", 100)


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


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (LIMITS._replace(values=3), ([], "above", 2)),
        (LIMITS._replace(above=None), ([("NORMAL", 600)], None, None)),
        (LIMITS._replace(above=Decimal(5000), below=Decimal(1000)), ([("BELOW", 600)], "below", 1)),
        (LIMITS._replace(environments=["prod"]), ([], None, None)),
    ],
)
def test_a_series_beyond_a_limit_follows_the_changed_threshold(
    hub: Hub, topic: Notices, changed: Threshold, expected: tuple[list[Any], Any, Any]
) -> None:
    """More values in a row end no crossing. A limit that is gone ends it, and one that no longer applies is silent."""
    hub.archive(value(600, 0))
    topic.take()
    configure(hub, changed, topic.arn)
    hub.archive(value(600, 1))
    after = judged(hub)
    assert (topic.states(), after.get("ThresholdState"), after.get("ThresholdCount")) == expected


def test_a_waiting_notice_is_kept_while_values_stay_beyond_the_limit(hub: Hub, topic: Notices, sns: Any) -> None:
    """Later values do not send it, and do not lose it."""
    aws.use("sns", Refusing(sns, topic.arn))
    crossing = value(600, 1)
    assert hub.archive(crossing) == ["0"]
    aws.use("sns", sns)
    assert hub.archive(value("text", 2), value(601, 3)) == []
    assert (hub.archive(value(602, 4)), topic.take()) == ([], [])
    assert hub.archive(crossing) == []
    assert (topic.states(), latest(hub)["MetricValue"]) == ([("ABOVE", 600)], 602)
