"""`ds-dashboard rejected` and `ds-dashboard dead-letters` on a deployed installation."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, ExitStack
from types import SimpleNamespace
from typing import Any

import pytest
from tests.support.events import RESULT, ago, event, result
from tests.support.tables import HubTables

from ds_dashboard_cli.dead_letters import redrive
from ds_dashboard_dev.testing import misconfigure
from ds_dashboard_dev.testing.installation import Installation
from ds_dashboard_dev.testing.pair import HUB, NAME
from ds_dashboard_dev.testing.pair import SOUTH as SPOKE
from ds_dashboard_dev.testing.waiting import eventually
from ds_dashboard_local.client.accounts import allow

from .applied import Applied


def _put(installation: Installation, role: str, *bodies: str, **attributes: str) -> None:
    sqs, url = installation.client("sqs"), installation.queue_url(role)
    given = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    for body in bodies:
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=given)


def _value(metric: str, number: int = 1, **more: Any) -> str:
    """Return a result of the spoke South/dev as EventBridge delivers it."""
    detail = result(ProjectName="South", MetricName=metric, MetricValue=number, ExtractionDate=ago(seconds=30), **more)
    return event(detail, kind=RESULT, account=SPOKE)


def _wait_for_values(applied: Applied, metric: str, count: int = 1) -> list[Any]:
    """Wait until a metric has `count` values in the history, and return them, sorted."""

    def archived() -> list[Any]:
        values = [line["MetricValue"] for line in applied.history() if line["MetricName"] == metric]
        return sorted(values) if len(values) == count else []

    return eventually(archived, f"{count} values of {metric}")


def _dead_letters(applied: Applied, account: str, *words: str) -> list[dict[str, Any]]:
    return applied.lines("dead-letters", *words, account=account)


@pytest.fixture
def fresh_archive(applied: Applied, monkeypatch: pytest.MonkeyPatch) -> AbstractContextManager[None]:
    """A context in which the archive has rejected nothing yet, so that no command waits for its next recheck."""
    monkeypatch.setattr("ds_dashboard_cli.commands.dead_letters._RECHECK_SECONDS", 0)
    return misconfigure.function_with_variables(applied.hub, "archive", DS_DASHBOARD_TEST="fresh")


def test_listing_removes_nothing_and_shows_each_message_once(applied: Applied) -> None:
    """Listed messages stay visible to other consumers."""
    _put(applied.hub, "events-dead-letters", *(_value("Listed", number) for number in range(25)))
    for _ in range(2):
        listed = _dead_letters(applied, HUB, "--queue", "events-dead-letters")
        assert len({line["Id"] for line in listed}) == len(listed) == 25
        assert applied.hub.depth("events-dead-letters") == (25, 0)
    shown = applied.run("dead-letters").stdout
    assert shown.count("Listed of South/dev") == 25
    assert f"{NAME}-archive failed at every attempt" in shown
    some = [line["Id"] for line in listed[:2]]
    done = applied.run("dead-letters", "redrive", *some)
    assert "25 messages before." in done.stderr
    assert f"2 messages redriven to {NAME}-events." in done.stderr
    assert "23 messages left." in done.stderr
    assert "23 messages left." not in applied.run("dead-letters", "redrive", "--all").stderr
    assert _wait_for_values(applied, "Listed", 25) == list(range(25))


def test_a_rejected_event_is_shown_with_its_reason_and_archived_after_registration(
    applied: Applied, fresh_archive: AbstractContextManager[None]
) -> None:
    """It is sent unchanged, with the account that EventBridge wrote into it; an invalid event is rejected again."""
    late = result(ProjectName="Late", MetricName="Arrivals", MetricValue=7, ExtractionDate=ago(seconds=30))
    applied.spoke.put(late)
    applied.spoke.put({"MetricName": "Bad"})
    applied.wait_for_depth(applied.hub, "rejected", 2)
    listed = {line["Code"]: line for line in applied.lines("rejected")}
    assert listed["Unregistered"]["Project"] == "Late/dev"
    assert "there is no parameter /monitored_projects/Late/dev" in listed["Unregistered"]["Reason"]
    identifier = listed["Unregistered"]["Id"]
    shown = applied.run("rejected", "show", identifier[:13]).stdout
    assert '"MetricName":"Arrivals"' in shown.replace(" ", "")
    assert "Attribute Reason: " in shown
    assert "Arrivals of Late/dev" in applied.run("rejected", "--code", "Unregistered").stdout
    assert applied.run("rejected", "--project", "Nobody").stdout == ""

    with misconfigure.parameter(applied.hub, "/monitored_projects/Late/dev", SPOKE), fresh_archive:
        done = applied.run("rejected", "redrive", "--all", "--project", "Late")
        assert "2 messages before." in done.stderr
        assert "1 message left." in done.stderr
        assert _wait_for_values(applied, "Arrivals") == [7]
    assert [line["Code"] for line in applied.lines("rejected")] == ["Malformed"]
    applied.run("rejected", "redrive", "--all")
    applied.wait_for_depth(applied.hub, "rejected", 1)

    assert "--yes" in applied.run("rejected", "delete", "--all", code=2).stderr
    assert sum(applied.hub.depth("rejected")) == 1
    done = applied.run("rejected", "delete", "--all", "--yes")
    assert "1 message before, 1 deleted." in done.stderr
    assert sum(applied.hub.depth("rejected")) == 0


def test_an_event_over_256_kb_is_kept_with_its_reason_shown_and_redriven(
    applied: Applied, fresh_archive: AbstractContextManager[None]
) -> None:
    """Queues of 1 MiB, which provider 5 cannot create, take it: it is rejected, and never lost."""
    roles = ("events", "events-dead-letters", "rule-dead-letters", "rejected")
    with ExitStack() as enlarged:
        for role in roles:
            enlarged.enter_context(misconfigure.queue_with(applied.hub, role, MaximumMessageSize="1048576"))
        large = result(ProjectName="South", MetricName="Large", MetricValue="x" * 300_000)
        applied.spoke.put(large)
        applied.wait_for_depth(applied.hub, "rejected", 1)
        (listed,) = applied.lines("rejected", "--code", "TooLarge")
        assert "204800 are allowed" in listed["Reason"]
        assert json.loads(listed["Body"])["detail"] == large
        assert len(listed["Body"]) > 300_000
        shown = applied.run("rejected", "show", listed["Id"]).stdout
        assert "Attribute Code: TooLarge" in shown
        assert "x" * 1000 in shown.replace("\n", "")

        done = applied.run("rejected", "redrive", listed["Id"])
        assert f"1 message redriven to {NAME}-events." in done.stderr
        applied.wait_for_depth(applied.hub, "rejected", 1)
        # The archive rejects an event before it deletes it from its queue.
        eventually(lambda: applied.hub.depth("events") == (0, 0), "an empty queue of events")

        with misconfigure.queue_with(applied.hub, "events", MaximumMessageSize="262144"):
            done = applied.run("rejected", "redrive", "--all", code=1)
        assert f"bytes, and {NAME}-events does not take it" in done.stderr
        assert "see queue_max_message_size of modules/hub" in done.stderr
        assert sum(applied.hub.depth("rejected")) == 1

        # Large as it was sent, and small in the form that is archived.
        _put(applied.hub, "events-dead-letters", _value("Spaced").replace("{", "{" + " " * 300_000, 1))
        applied.run("dead-letters", "redrive", "--all", "--queue", "events-dead-letters")
        assert _wait_for_values(applied, "Spaced") == [1]
        applied.run("rejected", "delete", "--all", "--yes")


def test_events_that_a_spoke_could_not_forward_arrive_once(applied: Applied) -> None:
    """If the hub's bus does not allow the spoke, events wait in the spoke's queue with the reason."""
    with misconfigure.bus_without_policy(applied.hub):
        refresh = applied.refresh()
        applied.wait_for_depth(applied.spoke, "to-hubs-dead-letters", 3)
    listed = _dead_letters(applied, SPOKE)
    assert {line["Code"] for line in listed} == {"NO_PERMISSIONS"}
    assert {line["Subject"] for line in listed} == {
        "ModelVersion of South/dev",
        "failure of Missing of South/dev",
        "run of South/dev",
    }
    done = applied.run("dead-letters", "redrive", "--all", account=SPOKE)
    assert f"3 messages redriven to {NAME}-spoke." in done.stderr

    def arrived() -> list[dict[str, Any]]:
        (spoke,) = applied.lines("spokes", "--project", "South")
        values = [line for line in applied.history() if line.get("RefreshId") == refresh["RefreshId"]]
        return values if spoke["LastRefreshId"] == refresh["RefreshId"] else []

    assert [line["MetricName"] for line in eventually(arrived, "the redriven events")] == ["ModelVersion"]
    assert _dead_letters(applied, SPOKE) == []


@pytest.mark.parametrize("lost", ["at the spoke's bus", "at its function", "under the hub's key"])
def test_the_spoke_responds_to_a_redriven_refresh(lost: str, applied: Applied) -> None:
    """The refresh goes to its original destination, and keeps its ID."""
    breaks, installation, queue, to = {
        "at the spoke's bus": (
            misconfigure.bus_without_policy(applied.spoke),
            applied.hub,
            "to-spokes-dead-letters",
            f"event-bus/{NAME}-spoke",
        ),
        "at its function": (
            misconfigure.function_without_policy(applied.spoke, "extract"),
            applied.spoke,
            "spoke-dead-letters",
            f"{NAME}-extract",
        ),
        "under the hub's key": (
            misconfigure.key_without_statement(applied.hub, "HubBus"),
            applied.hub,
            "bus-dead-letters",
            f"{NAME}-hub",
        ),
    }[lost]
    with breaks:
        refresh = applied.refresh()
        applied.wait_for_depth(installation, queue, 1)
    (message,) = _dead_letters(applied, installation.account)
    assert message["Queue"] == f"{NAME}-{queue}"
    assert message["Code"]
    done = applied.run("dead-letters", "redrive", message["Id"], account=installation.account)
    assert f"{to}." in done.stderr

    def responded() -> bool:
        (spoke,) = applied.lines("spokes", "--project", "South")
        return bool(spoke["LastRefreshId"] == refresh["RefreshId"])

    eventually(responded, "a response to the redriven refresh")


def test_a_failed_invocation_is_listed_with_the_error_of_the_function(applied: Applied) -> None:
    """If it fails again, it returns to the queue."""
    applied.hub.client("lambda").invoke(
        FunctionName=f"{NAME}-refresh", InvocationType="Event", Payload=json.dumps({"Nonsense": 1.50})
    )
    applied.wait_for_depth(applied.hub, "function-dead-letters", 1)
    (message,) = _dead_letters(applied, HUB)
    assert message["Code"] == "InvalidRefresh"
    assert message["Subject"] == f"invocation of {NAME}-refresh"
    assert f"1 message redriven to {NAME}-refresh." in applied.run("dead-letters", "redrive", "--all").stderr
    applied.wait_for_depth(applied.hub, "function-dead-letters", 1)
    applied.run("dead-letters", "delete", "--all", "--yes")


def test_a_message_cannot_choose_its_destination(applied: Applied) -> None:
    """The code of a metric can write to its spoke's dead-letter queue, and must not use an operator's permissions."""
    forged = {
        "requestContext": {"functionArn": f"arn:aws:lambda:eu-west-1:{SPOKE}:function:payroll:$LATEST"},
        "requestPayload": {"pay": "me"},
    }
    _put(applied.spoke, "spoke-dead-letters", json.dumps(forged), "not even JSON")
    done = applied.run("dead-letters", "redrive", "--all", account=SPOKE, code=1)
    assert "function:payroll" in done.stderr
    assert f"none of {NAME}-extract" in done.stderr
    assert sum(applied.spoke.depth("spoke-dead-letters")) == 2
    applied.run("dead-letters", "delete", "--all", "--yes", account=SPOKE)
    assert _dead_letters(applied, SPOKE) == []


def test_unknown_ids_and_queues_are_reported(applied: Applied) -> None:
    """The messages stay in their queue."""
    _put(applied.hub, "events-dead-letters", _value("Kept"), _value("Kept"))
    assert "message zzz: not found" in applied.run("dead-letters", "redrive", "zzz", code=1).stderr
    assert "2 IDs begin with this text" in applied.run("dead-letters", "redrive", "", code=1).stderr
    applied.run("dead-letters", "redrive", code=2)
    applied.run("dead-letters", "redrive", "x", "--all", code=2)
    assert "'elsewhere'" in applied.run("dead-letters", "--queue", "elsewhere", code=2).stderr
    assert "does not exist" in applied.run("rejected", account=SPOKE, code=1).stderr
    assert sum(applied.hub.depth("events-dead-letters")) == 2
    applied.run("dead-letters", "delete", "--all", "--yes")


def test_nothing_is_lost_without_the_permission_to_send(applied: Applied) -> None:
    """A message is deleted only after it was sent."""
    _put(applied.hub, "events-dead-letters", _value("Stays"))
    actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:Get*", "sqs:ChangeMessageVisibility", "kms:*"]
    env = applied.credentials(applied.hub, "clerk", allow(actions))
    done = applied.run("dead-letters", "redrive", "--all", code=1, **env)
    assert f"may not sqs:SendMessage on arn:aws:sqs:eu-west-1:{HUB}:{NAME}-events" in done.stderr
    assert "1 message left." in done.stderr
    assert [line["Subject"] for line in _dead_letters(applied, HUB)] == ["Stays of South/dev"]
    applied.run("dead-letters", "redrive", "--all")
    assert _wait_for_values(applied, "Stays") == [1]


def test_a_message_that_cannot_be_deleted_is_counted_as_left(applied: Applied) -> None:
    """A second redrive changes nothing in the tables. The error names the call that failed, not a later one."""
    _put(applied.hub, "events-dead-letters", _value("Kept"))
    with applied.hub.cloud.fault("sqs:DeleteMessageBatch", code="AccessDenied", count=1):
        done = applied.run("dead-letters", "redrive", "--all", code=1)
    assert "sqs:DeleteMessage" in done.stderr
    assert "1 message left." in done.stderr
    assert "redriven to" not in done.stderr.splitlines()[-1]
    applied.run("dead-letters", "redrive", "--all")
    assert _wait_for_values(applied, "Kept") == [1]


def test_a_redrive_waits_until_the_archive_rechecks_the_registration(
    applied: Applied, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before that, the archive would reject the event again without a lookup."""
    waited: list[float] = []
    _put(applied.hub, "rejected", _value("Known"), Code="Unregistered", Reason="not then")
    with monkeypatch.context() as patch:
        patch.setattr("ds_dashboard_cli.commands.dead_letters.time", SimpleNamespace(sleep=waited.append))
        done = applied.run("rejected", "redrive", "--all")
    assert "rechecks registrations" in done.stderr
    assert 30 < waited[0] <= 61
    assert _wait_for_values(applied, "Known") == [1]


@pytest.mark.parametrize(("removed", "left"), [(3, 0), (2, 1)], ids=["redrives", "redrives and keeps"])
def test_a_redrive_during_another_one_counts_its_own_messages(
    removed: int, left: int, hub: HubTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one has received three of five messages; what it does with them decides how many are left."""
    sqs = hub.account.sqs
    sqs.create_queue(QueueName=f"{hub.name}-events")
    url = sqs.create_queue(QueueName=f"{hub.name}-events-dead-letters")["QueueUrl"]
    for number in range(5):
        sqs.send_message(QueueUrl=url, MessageBody=event(result(MetricValue=number), kind=RESULT, account=SPOKE))
    first = redrive.redrive

    def beside_another(*given: Any) -> None:
        taken = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=3, VisibilityTimeout=600)["Messages"]
        for message in taken[:removed]:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        first(*given)

    monkeypatch.setattr(redrive, "redrive", beside_another)
    # Terraform applies the pair meanwhile, and says once where its provider is from.
    notes = [line for line in hub.run("dead-letters", "redrive", "--all").stderr.splitlines() if "message" in line]
    assert notes[0] == "5 messages before."
    assert notes[-3:] == [
        f"2 messages redriven to {hub.name}-events.",
        "3 messages received or removed by another consumer in the meantime.",
        f"About {left} message{'s' * (left != 1)} left, including those that another consumer has received.",
    ]


def test_a_long_listing_hides_no_message_from_its_next_consumer(
    hub: HubTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the timeout, a message may be with another redrive, which must be the only one to have it."""
    sqs = hub.account.sqs
    url = sqs.create_queue(QueueName=f"{hub.name}-events-dead-letters")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    monkeypatch.setattr("ds_dashboard_cli.dead_letters.queues._VISIBILITY_TIMEOUT", 0)
    made_visible: list[Any] = []
    monkeypatch.setattr(
        "ds_dashboard_cli.dead_letters.queues._make_visible", lambda *given: made_visible.append(given[2])
    )
    assert len(hub.lines("dead-letters")) == 1
    assert made_visible == [[]]
