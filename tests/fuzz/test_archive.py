"""Arbitrary batches: each event is one item, each rejected message is in its queue, and the archive never raises."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from hypothesis import given, settings
from tests.archive.conftest import NOW, Hub

from ds_dashboard import dates
from ds_dashboard_local import LocalCloud

from . import hubs, oracle
from .deliveries import Message, deliveries

COPIED = ("MetricName", "MetricValue", "ProjectName", "Environment", "Metadata", "Unit", "RefreshId", "Breakdown")


@settings(max_examples=settings().max_examples // 2)
@given(batches=deliveries())
def test_every_message_is_archived_once_or_rejected(cloud: LocalCloud, batches: list[list[Message]]) -> None:
    """The messages that arrive are counted, in any order and with redeliveries."""
    with hubs.hub(cloud) as hub:
        for batch in batches:
            assert hub.archive(*[message.body for message in batch], now=NOW) == []
        delivered = [message for batch in batches for message in batch]
        accepted = list({message.identity: message for message in delivered if message.kind}.values())
        _check_rejected(hub, [message.body for message in delivered if not message.kind])
        _check_history(hub, [message for message in accepted if message.kind == "result"])
        _check_latest(hub, [message for message in accepted if message.kind == "result"])
        _check_spokes(hub, [message for message in accepted if message.kind != "result"])


def _check_rejected(hub: Hub, bodies: list[str]) -> None:
    """Each rejected message is unchanged, with a code and a reason."""
    rejected = hub.rejected()
    assert Counter(message["body"] for message in rejected) == Counter(bodies)
    assert all(message["Code"] and message["Reason"] for message in rejected)


def _summary(content: dict[str, Any], account: str, sent: str) -> str:
    copied = {name: content[name] for name in COPIED if name in content}
    return oracle.fingerprint({**copied, "AccountId": account, "SentExtractionDate": sent})


def _of(item: dict[str, Any]) -> str:
    return _summary(item, item["AccountId"], item["SentExtractionDate"])


def _sent(message: Message) -> str:
    assert message.instant is not None
    return dates.format_instant(message.instant)


def _check_history(hub: Hub, results: list[Message]) -> None:
    """Each distinct event is one item with its exact values."""
    items = hub.history()
    assert Counter(map(_of, items)) == Counter(_summary(one.content, one.account, _sent(one)) for one in results)
    for item in items:
        assert item["ExtractionDate"] >= item["SentExtractionDate"]
        assert item["Series"] == f"{item['ProjectName']}#{item['Environment']}#{item['MetricName']}"


def _check_latest(hub: Hub, results: list[Message]) -> None:
    """Each series has a newest value."""
    series: dict[tuple[str, str], list[Message]] = defaultdict(list)
    for one in results:
        series[one.project.replace("/", "#"), one.content["MetricName"]].append(one)
    items = {(item["Project"], item["MetricName"]): item for item in hub.items("latest")}
    assert items.keys() == series.keys()
    for key, item in items.items():
        newest = max(map(_sent, series[key]))
        assert _of(item) in {_summary(one.content, one.account, newest) for one in series[key] if _sent(one) == newest}


def _check_spokes(hub: Hub, others: list[Message]) -> None:
    """Each spoke has its newest run, and the newest failure of each metric that it may still run."""
    items = {item["Project"].replace("#", "/"): item for item in hub.items("spokes")}
    assert items.keys() == {one.project for one in others}
    for project, item in items.items():
        runs = [one for one in others if one.project == project and one.kind == "run"]
        assert item.get("FinishedAt") == max(map(_sent, runs), default=None)
        failures: dict[str, list[Message]] = defaultdict(list)
        for one in others:
            if one.project == project and one.kind == "failure":
                failures[one.content["MetricName"]].append(one)
        stored_metrics = item.get("Failures", {}).keys()
        assert stored_metrics <= failures.keys()
        for metric in failures.keys() - stored_metrics:
            # Removed, because a later run of the spoke no longer had the metric.
            newest = max(map(_sent, failures[metric]))
            assert any(metric not in one.content["Metrics"] and newest <= _sent(one) for one in runs)
        for metric, stored in item.get("Failures", {}).items():
            newest = max(map(_sent, failures[metric]))
            messages = {one.content["ErrorMessage"] for one in failures[metric] if _sent(one) == newest}
            assert (stored["ExtractionDate"], stored["ErrorMessage"] in messages) == (newest, True)


def test_a_message_of_the_queues_maximum_size_is_rejected_without_attributes(cloud: LocalCloud) -> None:
    """The reason has the space that the body leaves. Otherwise the message would be delivered again forever."""
    with hubs.hub(cloud) as hub:
        for space, attributes in ((0, set()), (20, {"Code"}), (60, {"Code", "Reason"}), (1000, {"Code", "Reason"})):
            body = "x" * (256 * 1024 - space)
            assert hub.archive(body) == []
            answer = hub.sqs.receive_message(QueueUrl=hub.rejected_url, MessageAttributeNames=["All"])
            (rejected,) = answer["Messages"]
            assert rejected["Body"] == body
            assert rejected.get("MessageAttributes", {}).keys() == attributes
