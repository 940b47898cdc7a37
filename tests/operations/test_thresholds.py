"""A deployed threshold, from the spoke's bus to the topic and to the commands, and deployed sums."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.commands import Person
from tests.support.inbox import Topic

from ds_dashboard_dev.testing.events import instant, result
from ds_dashboard_dev.testing.installation import Hub, Spoke
from ds_dashboard_dev.testing.misconfigure import role_without_action
from ds_dashboard_dev.testing.waiting import eventually

METRIC = "Queued"


def archive(hub: Hub, spoke: Spoke, value: float, minutes_ago: int) -> None:
    """Send a value, and wait until it is in the history."""
    date = instant(timedelta(minutes=minutes_ago))
    hub.archived(spoke.put(result("South/dev", METRIC, value, ExtractionDate=date)))


def received(topic: Topic, count: int) -> list[dict[str, Any]]:
    """Wait until programs have received so many notices."""
    notices: list[dict[str, Any]] = []

    def enough() -> bool:
        notices.extend(json.loads(one["Message"]) for one in topic.take())
        return len(notices) >= count

    eventually(enough, f"{count} notices")
    return notices


def refused(hub: Hub) -> bool:
    """Return whether a message failed because of its notice."""
    failed = hub.log_of("archive", event="messages_failed")
    return any("threshold not notified" in one["reason"] and "Publish" in one["reason"] for one in failed)


def test_a_threshold_notifies_once_it_is_crossed_and_once_it_is_over(
    hub: Hub, spoke: Spoke, threshold_topic: Topic, operators: dict[str, Person]
) -> None:
    """As deployed, with the function's role. While the topic refuses, the message stays in the queue."""
    archive(hub, spoke, 11, 9)
    with role_without_action(hub, "archive", "archive", "sns:Publish"):
        archive(hub, spoke, 10.75, 8)
        eventually(lambda: hub.latest("South/dev")[METRIC]["MetricValue"] > 10.6, "the newest value in the table")
        eventually(lambda: refused(hub), "a message that is delivered again")
        assert threshold_topic.take() == []
    (crossed,) = received(threshold_topic, 1)
    assert (crossed["State"], crossed["MetricValue"], crossed["PreviousValue"]) == ("ABOVE", 10.75, 11)
    latest = operators["hub"].run("latest", "--metric", METRIC, "--json").stdout
    assert json.loads(latest)["Threshold"] == "above"
    archive(hub, spoke, 12, 7)
    archive(hub, spoke, 10.5, 6)
    (over,) = received(threshold_topic, 1)
    assert (over["State"], over["MetricValue"]) == ("NORMAL", 10.5)
    hub.settle()
    assert threshold_topic.take() == []
    findings = operators["hub"].run("doctor", "--side", "hub", "--all", "--json").stdout.splitlines()
    assert [one["Status"] for one in map(json.loads, findings) if one["Thing"] == f"threshold {METRIC}"] == ["ok"]


def test_sums_of_the_newest_values_are_cloudwatch_metrics(hub: Hub) -> None:
    """As deployed: the archive's role may read the table, and CloudWatch finds the metrics in its log."""
    hub.refreshed("North/dev", "South/dev", Metrics=["Digits", "Tenth"])
    newest = {project: hub.latest(project) for project in ("North/dev", "South/dev")}
    cloudwatch = hub.client("cloudwatch")

    def published(metric: str, **dimensions: str) -> set[float]:
        named = [{"Name": name, "Value": value} for name, value in {"Name": hub.name, **dimensions}.items()]
        now = datetime.now(UTC)
        found = cloudwatch.get_metric_statistics(
            Namespace="DSDashboard/Values",
            MetricName=metric,
            Dimensions=named,
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(minutes=1),
            Period=3600,
            Statistics=["Maximum"],
        )
        return {point["Maximum"] for point in found["Datapoints"]}

    tenths = float(sum(items["Tenth"]["MetricValue"] for items in newest.values()))
    digits = {project: float(items["Digits"]["MetricValue"]) for project, items in newest.items()}
    eventually(lambda: tenths in published("Tenth"), f"the sum {tenths}")
    eventually(lambda: digits["South/dev"] in published("Digits", Project="South"), "the value of South")
    eventually(lambda: digits["North/dev"] in published("Digits", Project="North"), "the value of North")
    assert published("Digits") == set(), "only by project"
