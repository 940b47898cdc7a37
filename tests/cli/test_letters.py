"""`ds-dashboard rejected` and `ds-dashboard dead-letters` on an installation that something has befallen."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from types import SimpleNamespace
from typing import Any

import pytest

from ds_dashboard_local.client.accounts import Account, allow, eventually

from . import breaking_actors as actors
from . import breaking_deliveries as deliveries
from .applied import HUB, NAME, SPOKE, Applied
from .events import RESULT, ago, event, result


def _put(account: Account, role: str, *bodies: str, **attributes: str) -> None:
    url = account.sqs.get_queue_url(QueueName=f"{NAME}-{role}")["QueueUrl"]
    given = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    for body in bodies:
        account.sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=given)


def _value(metric: str, number: int = 1, **more: Any) -> str:
    """A result of the spoke Alpha/dev, as EventBridge would deliver it."""
    detail = result(ProjectName="Alpha", MetricName=metric, MetricValue=number, ExtractionDate=ago(seconds=30), **more)
    return event(detail, kind=RESULT, account=SPOKE)


def _archived(applied: Applied, metric: str) -> list[Any]:
    return [line["MetricValue"] for line in applied.history() if line["MetricName"] == metric]


def _letters(applied: Applied, account: str, *words: str) -> list[dict[str, Any]]:
    return applied.lines("dead-letters", *words, account=account)


@pytest.fixture
def fresh_archive(applied: Applied, monkeypatch: pytest.MonkeyPatch) -> AbstractContextManager[None]:
    """An archive that has refused nothing yet, so that nobody has to wait until it asks again."""
    monkeypatch.setattr("ds_dashboard_cli.commands.queue_commands._DOUBT_SECONDS", 0)
    return actors.other_environment(applied.hub, "archive", DS_DASHBOARD_TEST="fresh")


def test_a_list_takes_nothing_away_and_shows_each_message_once(applied: Applied) -> None:
    """Others, and the archive, see what somebody has looked at."""
    _put(applied.hub, "events-dead-letters", *(_value("Listed", number) for number in range(25)))
    for _ in range(2):
        listed = _letters(applied, HUB, "--queue", "events-dead-letters")
        assert len({line["Id"] for line in listed}) == len(listed) == 25
        url = applied.hub.sqs.get_queue_url(QueueName=f"{NAME}-events-dead-letters")["QueueUrl"]
        counts = applied.hub.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert counts["ApproximateNumberOfMessages"] == "25"
        assert counts["ApproximateNumberOfMessagesNotVisible"] == "0"
    shown = applied.run("dead-letters").stdout
    assert shown.count("Listed of Alpha/dev") == 25
    assert f"{NAME}-archive failed each time" in shown
    some = [line["Id"] for line in listed[:2]]
    told = applied.run("dead-letters", "redrive", *some)
    assert "25 messages before." in told.stderr
    assert f"2 messages sent again to {NAME}-events." in told.stderr
    assert "23 messages left." in told.stderr
    assert "23 messages left." not in applied.run("dead-letters", "redrive", "--all").stderr
    assert sorted(eventually(lambda: len(found := _archived(applied, "Listed")) == 25 and found)) == list(range(25))


def test_a_refused_event_is_shown_with_its_reason_and_archived_once_it_is_registered(
    applied: Applied, fresh_archive: AbstractContextManager[None]
) -> None:
    """Verbatim, with the account that EventBridge has put there; what is still wrong comes back."""
    late = result(ProjectName="Late", MetricName="Arrivals", MetricValue=7, ExtractionDate=ago(seconds=30))
    applied.spoke.emit(f"{NAME}-spoke", late, Source="metric_extractor", DetailType=RESULT)
    applied.spoke.emit(f"{NAME}-spoke", {"MetricName": "Bad"}, Source="metric_extractor", DetailType=RESULT)
    eventually(lambda: applied.waiting(applied.hub, "rejected") == 2)
    listed = {line["Code"]: line for line in applied.lines("rejected")}
    assert listed["Unregistered"]["Project"] == "Late/dev"
    assert "there is no parameter /monitored_projects/Late/dev" in listed["Unregistered"]["Reason"]
    identifier = listed["Unregistered"]["Id"]
    shown = applied.run("rejected", "show", identifier[:13]).stdout
    assert '"MetricName":"Arrivals"' in shown.replace(" ", "")
    assert "Attribute Reason: " in shown
    assert "Arrivals of Late/dev" in applied.run("rejected", "--code", "Unregistered").stdout
    assert applied.run("rejected", "--project", "Nobody").stdout == ""

    with actors.parameter(applied.hub, "/monitored_projects/Late/dev", SPOKE), fresh_archive:
        told = applied.run("rejected", "redrive", "--all", "--project", "Late")
        assert "2 messages before." in told.stderr
        assert "1 message left." in told.stderr
        assert eventually(lambda: _archived(applied, "Arrivals")) == [7]
    assert [line["Code"] for line in applied.lines("rejected")] == ["Malformed"]
    applied.run("rejected", "redrive", "--all")
    eventually(lambda: applied.waiting(applied.hub, "rejected") == 1)

    assert "--yes" in applied.run("rejected", "delete", "--all", code=2).stderr
    assert applied.waiting(applied.hub, "rejected") == 1
    told = applied.run("rejected", "delete", "--all", "--yes")
    assert "1 message before, 1 deleted." in told.stderr
    assert applied.waiting(applied.hub, "rejected") == 0


def test_what_a_spoke_could_not_send_arrives_once(applied: Applied) -> None:
    """The hub lets it in no longer: values, failures and the run wait in the spoke, with the reason."""
    with deliveries.bus_without_policy(applied.hub, "hub"):
        (refresh,) = applied.lines("refresh")
        eventually(lambda: applied.waiting(applied.spoke, "to-hubs-dead-letters") == 3)
    listed = _letters(applied, SPOKE)
    assert {line["Code"] for line in listed} == {"NO_PERMISSIONS"}
    assert {line["Subject"] for line in listed} == {
        "Version of Alpha/dev",
        "failure of Missing of Alpha/dev",
        "run of Alpha/dev",
    }
    told = applied.run("dead-letters", "redrive", "--all", account=SPOKE)
    assert f"3 messages sent again to {NAME}-spoke." in told.stderr

    def arrived() -> list[dict[str, Any]]:
        (spoke,) = applied.lines("spokes", "--project", "Alpha")
        values = [line for line in applied.history() if line.get("RefreshId") == refresh["RefreshId"]]
        return values if spoke["LastRefreshId"] == refresh["RefreshId"] else []

    assert [line["MetricName"] for line in eventually(arrived)] == ["Version"]
    assert _letters(applied, SPOKE) == []


@pytest.mark.parametrize("lost", ["at the spoke's bus", "at its function", "under the hub's key"])
def test_a_refresh_that_got_lost_is_answered_after_all(lost: str, applied: Applied) -> None:
    """Wherever it was on its way to, it goes there, and is answered under its own id."""
    breaks, account, queue, to = {
        "at the spoke's bus": (
            deliveries.bus_without_policy(applied.spoke, "spoke"),
            applied.hub,
            "to-spokes-dead-letters",
            f"event-bus/{NAME}-spoke",
        ),
        "at its function": (
            actors.nobody_may_invoke(applied.spoke, "extract"),
            applied.spoke,
            "spoke-dead-letters",
            f"{NAME}-extract",
        ),
        "under the hub's key": (
            actors.key_without(applied.hub, "HubBus"),
            applied.hub,
            "bus-dead-letters",
            f"{NAME}-hub",
        ),
    }[lost]
    with breaks:
        (refresh,) = applied.lines("refresh")
        eventually(lambda: applied.waiting(account, queue) == 1)
    (letter,) = _letters(applied, account.id)
    assert letter["Queue"] == f"{NAME}-{queue}"
    assert letter["Code"]
    told = applied.run("dead-letters", "redrive", letter["Id"], account=account.id)
    assert f"{to}." in told.stderr

    def answered() -> bool:
        (spoke,) = applied.lines("spokes", "--project", "Alpha")
        return bool(spoke["LastRefreshId"] == refresh["RefreshId"])

    eventually(answered)


def test_an_invocation_that_failed_is_told_with_the_function_s_error(applied: Applied) -> None:
    """Sent again it fails again, and lies there again: nothing is lost by trying."""
    applied.hub.lambda_.invoke(
        FunctionName=f"{NAME}-refresh", InvocationType="Event", Payload=json.dumps({"Nonsense": 1.50})
    )
    eventually(lambda: applied.waiting(applied.hub, "function-dead-letters") == 1)
    (letter,) = _letters(applied, HUB)
    assert letter["Code"] == "NotARefresh"
    assert letter["Subject"] == f"invocation of {NAME}-refresh"
    assert f"1 message sent again to {NAME}-refresh." in applied.run("dead-letters", "redrive", "--all").stderr
    eventually(lambda: applied.waiting(applied.hub, "function-dead-letters") == 1)
    applied.run("dead-letters", "delete", "--all", "--yes")


def test_a_letter_sends_nobody_elsewhere(applied: Applied) -> None:
    """Code of metrics may write to its spoke's dead letters, and must not act with an operator's rights."""
    forged = {
        "requestContext": {"functionArn": applied.spoke.arn("lambda", "function:payroll:$LATEST")},
        "requestPayload": {"pay": "me"},
    }
    _put(applied.spoke, "spoke-dead-letters", json.dumps(forged), "not even JSON")
    refusal = applied.run("dead-letters", "redrive", "--all", account=SPOKE, code=1)
    assert "function:payroll" in refusal.stderr
    assert f"none of {NAME}-extract" in refusal.stderr
    assert applied.waiting(applied.spoke, "spoke-dead-letters") == 2
    applied.run("dead-letters", "delete", "--all", "--yes", account=SPOKE)
    assert _letters(applied, SPOKE) == []


def test_ids_and_queues_that_are_none_are_named(applied: Applied) -> None:
    """And nothing is done."""
    _put(applied.hub, "events-dead-letters", _value("Kept"), _value("Kept"))
    assert "there is none of that id" in applied.run("dead-letters", "redrive", "zzz", code=1).stderr
    assert "2 messages begin so" in applied.run("dead-letters", "redrive", "", code=1).stderr
    applied.run("dead-letters", "redrive", code=2)
    applied.run("dead-letters", "redrive", "x", "--all", code=2)
    assert "'elsewhere'" in applied.run("dead-letters", "--queue", "elsewhere", code=2).stderr
    assert "there is no such queue" in applied.run("rejected", account=SPOKE, code=1).stderr
    assert applied.waiting(applied.hub, "events-dead-letters") == 2
    applied.run("dead-letters", "delete", "--all", "--yes")


def test_an_operator_without_the_right_to_send_loses_nothing(applied: Applied) -> None:
    """The message is deleted only once it is sent."""
    _put(applied.hub, "events-dead-letters", _value("Stays"))
    actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:Get*", "sqs:ChangeMessageVisibility", "kms:*"]
    role = applied.hub.role("clerk", allow(actions))
    keys = applied.hub.sts.assume_role(RoleArn=role, RoleSessionName="clerk")["Credentials"]
    env = {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }
    refusal = applied.run("dead-letters", "redrive", "--all", code=1, **env)
    assert f"may not sqs:SendMessage on arn:aws:sqs:eu-west-1:{HUB}:{NAME}-events" in refusal.stderr
    assert "1 message left." in refusal.stderr
    assert [line["Subject"] for line in _letters(applied, HUB)] == ["Stays of Alpha/dev"]
    applied.run("dead-letters", "redrive", "--all")
    assert eventually(lambda: _archived(applied, "Stays")) == [1]


def test_what_could_not_be_deleted_is_counted_as_left(applied: Applied) -> None:
    """Sent again it is in the tables once; what is told is what lies there, and the call that failed."""
    _put(applied.hub, "events-dead-letters", _value("Kept"))
    with applied.hub.cloud.fault("sqs:DeleteMessageBatch", code="AccessDenied", count=1):
        refusal = applied.run("dead-letters", "redrive", "--all", code=1)
    assert "sqs:DeleteMessage" in refusal.stderr
    assert "1 message left." in refusal.stderr
    assert "sent again" not in refusal.stderr.splitlines()[-1]
    applied.run("dead-letters", "redrive", "--all")
    assert eventually(lambda: _archived(applied, "Kept")) == [1]


def test_what_was_just_refused_is_sent_when_the_archive_asks_again(
    applied: Applied, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent at once, it would be refused again without a look at who is registered now."""
    waited: list[float] = []
    _put(applied.hub, "rejected", _value("Known"), Code="Unregistered", Reason="not then")
    with monkeypatch.context() as patch:
        patch.setattr("ds_dashboard_cli.commands.queue_commands.time", SimpleNamespace(sleep=waited.append))
        told = applied.run("rejected", "redrive", "--all")
    assert "who is registered" in told.stderr
    assert 30 < waited[0] <= 61
    assert eventually(lambda: _archived(applied, "Known")) == [1]
