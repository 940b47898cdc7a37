"""Deliveries to queues and functions, and replays: which policy is evaluated, what arrives, and where the rest goes."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard_local.client.accounts import Account, allow, document, eventually
from ds_dashboard_local.engine import retries as engine_retries
from ds_dashboard_local.engine.retries import DeliveryFailed, attempt_and_retry

NUMBERS = '{"a": 0.1, "b": 1e-7, "c": 12345678901234567890.123, "d": 1.00, "e": 12345678901234567890123456789012345678}'
FORWARD = """
import boto3, json
def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl="QUEUE", MessageBody=json.dumps(event))
"""


def dead_letters(account: Account, queue: str = "lost") -> list[dict[str, str]]:
    """Receive the dead letters: their attributes, and the body under an empty name."""
    return [
        {name: value["StringValue"] for name, value in message["MessageAttributes"].items()} | {"": message["Body"]}
        for message in account.messages(queue)
    ]


def to_queue(account: Account, queue: str, **target: Any) -> str:
    account.bus("bus")
    return account.rule("bus", "rule", {"Arn": queue, "DeadLetterConfig": {"Arn": account.queue("lost")}, **target})


def test_a_detail_arrives_with_the_digits_it_was_sent_with(account: Account) -> None:
    """Values are decimals from the metric to the table; a float in between would round them."""
    to_queue(account, account.queue("q"))
    account.emit("bus", NUMBERS)
    (message,) = account.messages("q")
    assert message["Body"].endswith(f'"detail": {NUMBERS}}}')


def test_a_queue_without_a_policy_for_the_rule_gets_nothing(account: Account) -> None:
    """The dead letter says which rule, which target and why, and carries the event."""
    queue = account.queue("q", from_rules=False)
    rule = to_queue(account, queue)
    sent = account.emit("bus", {"a": 1})
    assert account.messages("q") == []
    (dead_letter,) = dead_letters(account)
    assert json.loads(dead_letter.pop(""))["id"] == sent["EventId"]
    assert dead_letter.pop("ERROR_MESSAGE")
    assert dead_letter == {"RULE_ARN": rule, "TARGET_ARN": queue, "ERROR_CODE": "NO_PERMISSIONS", "RETRY_ATTEMPTS": "0"}


def test_a_queue_policy_for_another_rule_does_not_count(account: Account) -> None:
    queue = account.queue("q")
    to_queue(account, queue)
    condition = {"ArnEquals": {"aws:SourceArn": account.arn("events", "rule/bus/another")}}
    principal = {"Service": "events.amazonaws.com"}
    policy = document(allow("sqs:SendMessage", queue, Principal=principal, Condition=condition))
    url = account.sqs.get_queue_url(QueueName="q")["QueueUrl"]
    account.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    account.emit("bus")
    assert [message["ERROR_CODE"] for message in dead_letters(account)] == ["NO_PERMISSIONS"]


def test_an_event_for_a_missing_queue_becomes_a_dead_letter(account: Account) -> None:
    to_queue(account, account.arn("sqs", "gone"))
    account.emit("bus")
    assert [message["ERROR_CODE"] for message in dead_letters(account)] == ["NO_RESOURCE"]


def test_a_queue_rejects_a_message_over_its_size_limit(account: Account) -> None:
    """EventBridge accepts 1 MB, a queue that Terraform creates 256 KB, envelope included."""
    to_queue(account, account.queue("q", MaximumMessageSize="262144"))
    account.emit("bus", {"a": "x" * 261_000})
    assert len(account.messages("q")) == 1
    account.emit("bus", {"a": "x" * 262_000})
    assert account.messages("q") == []
    assert len(dead_letters(account)) == 1, "this dead-letter queue has a higher limit"


@pytest.mark.parametrize("limit", [262_144, 1_048_576])
def test_an_event_over_256_kb_needs_a_queue_of_1_mb(account: Account, limit: int) -> None:
    """PutEvents accepts it. If the target and its dead-letter queue reject it, it is lost."""
    account.bus("bus")
    queue, lost = (account.queue(name, MaximumMessageSize=str(limit)) for name in ("q", "lost"))
    rule = {"Arn": queue, "DeadLetterConfig": {"Arn": lost}}
    account.rule("bus", "rule", rule)
    assert "EventId" in account.emit("bus", {"a": "x" * 300_000})
    assert len(account.messages("q")) == (limit > 300_000)
    assert account.messages("lost") == []
    counted = {metric["MetricName"] for metric in account.cloudwatch.list_metrics(Namespace="AWS/Events")["Metrics"]}
    lost_counts = {"FailedInvocations", "InvocationsFailedToBeSentToDlq"}
    assert counted == (set() if limit > 300_000 else lost_counts)


@pytest.mark.parametrize("where", ["detail", "detail-type"])
@pytest.mark.parametrize("character", ["\ufffe", "\uffff"])
def test_an_event_with_characters_that_sqs_rejects_is_lost(account: Account, character: str, where: str) -> None:
    """JSON allows them, and PutEvents accepts them; the target and its dead-letter queue reject them."""
    to_queue(account, account.queue("q"))
    if where == "detail":
        account.emit("bus", f'{{"a": "{character}"}}')
    else:
        account.emit("bus", DetailType=f"a{character}")
    assert account.messages("q") == []
    assert account.messages("lost") == []
    url = account.sqs.get_queue_url(QueueName="q")["QueueUrl"]
    with pytest.raises(ClientError, match="characters outside the allowed set"):
        account.sqs.send_message(QueueUrl=url, MessageBody=character)
    account.emit("bus", '{"a": "\ufffd \U0010ffff"}')
    assert len(account.messages("q")) == 1


def test_a_dead_letter_queue_needs_a_policy_too(account: Account) -> None:
    """Otherwise the event is lost, and only the metric InvocationsFailedToBeSentToDlq shows it."""
    lost = account.queue("lost", from_rules=False)
    account.bus("bus")
    account.rule("bus", "rule", {"Arn": account.arn("sqs", "gone"), "DeadLetterConfig": {"Arn": lost}})
    account.emit("bus")
    assert dead_letters(account) == []
    counted = {m["MetricName"]: m["Dimensions"] for m in account.cloudwatch.list_metrics()["Metrics"]}
    assert set(counted) == {"FailedInvocations", "InvocationsFailedToBeSentToDlq"}
    dimensions = {d["Name"]: d["Value"] for d in counted["FailedInvocations"]}
    assert dimensions == {"EventBusName": "bus", "RuleName": "rule"}


def test_a_disabled_rule_delivers_nothing(account: Account) -> None:
    to_queue(account, account.queue("q"))
    account.events.disable_rule(Name="rule", EventBusName="bus")
    account.emit("bus")
    assert account.messages("q") == []
    account.events.enable_rule(Name="rule", EventBusName="bus")
    account.emit("bus")
    assert len(account.messages("q")) == 1


def test_an_input_replaces_the_event(account: Account) -> None:
    to_queue(account, account.queue("q"), InputPath="$.detail")
    account.emit("bus", NUMBERS)
    assert [message["Body"] for message in account.messages("q")] == [NUMBERS]


def test_a_rule_has_five_targets_at_most(account: Account) -> None:
    """Terraform must not pack more spokes into one rule."""
    to_queue(account, account.queue("q"))
    more = [{"Id": str(number), "Arn": account.arn("sqs", "q")} for number in range(5)]
    account.events.put_targets(Rule="rule", EventBusName="bus", Targets=more[:4])
    with pytest.raises(account.events.exceptions.LimitExceededException):
        account.events.put_targets(Rule="rule", EventBusName="bus", Targets=more[4:])


def test_a_function_is_invoked_only_with_a_permission_for_the_rule(account: Account) -> None:
    seen = account.queue("seen")
    url = account.sqs.get_queue_url(QueueName="seen")["QueueUrl"]
    function = account.function("f", FORWARD.replace("QUEUE", url), allow("sqs:SendMessage", seen))
    rule = to_queue(account, function)
    account.emit("bus", {"a": 1})
    assert [message["ERROR_CODE"] for message in dead_letters(account)] == ["NO_PERMISSIONS"]
    account.lambda_.add_permission(
        FunctionName="f",
        StatementId="rule",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=rule,
    )
    account.emit("bus", {"a": 2})
    (message,) = account.messages("seen", wait=10)
    assert json.loads(message["Body"])["detail"] == {"a": 2}


def test_a_temporary_failure_is_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_retries, "BACKOFF_MIN", 0.001)
    outcomes = [DeliveryFailed("THROTTLING", "busy", retried=True)] * 3
    delivered: list[bool] = []

    def attempt() -> None:
        if outcomes:
            raise outcomes.pop()
        delivered.append(True)

    attempt_and_retry(attempt, {}, lambda *_: pytest.fail("the delivery was given up"))
    eventually(lambda: delivered)


@pytest.mark.parametrize(
    ("policy", "retries", "condition"),
    [
        ({"MaximumRetryAttempts": 3}, 3, "MaximumRetryAttempts"),
        ({"MaximumRetryAttempts": 0}, 0, "MaximumRetryAttempts"),
        ({"MaximumEventAgeInSeconds": 0}, 0, "MaximumEventAgeInSeconds"),
    ],
)
def test_a_lasting_failure_is_given_up_at_the_targets_limit(
    monkeypatch: pytest.MonkeyPatch, policy: dict[str, int], retries: int, condition: str
) -> None:
    monkeypatch.setattr(engine_retries, "BACKOFF_MIN", 0.001)
    given_up: list[tuple[str, int, str | None]] = []

    def attempt() -> None:
        raise DeliveryFailed("THROTTLING", "busy", retried=True)

    attempt_and_retry(attempt, policy, lambda failure, *more: given_up.append((failure.code, *more)))
    assert eventually(lambda: given_up) == [("THROTTLING", retries, condition)]


WHOLE = {
    "EventStartTime": datetime.now(UTC) - timedelta(days=1),
    "EventEndTime": datetime.now(UTC) + timedelta(days=1),
}


@pytest.fixture
def bus(account: Account) -> str:
    """A bus with an archive and the rules `one` and `two`, each with a queue of its own."""
    arn = account.bus("bus")
    account.events.create_archive(ArchiveName="archive", EventSourceArn=arn)
    for name in ("one", "two"):
        account.rule("bus", name, account.queue(name))
    return arn


def replay(account: Account, bus: str, *rules: str, **times: Any) -> dict[str, Any]:
    """Replay to `rules`, or to all of the bus without any, and wait for the end."""
    filters = [account.arn("events", f"rule/{rule}") for rule in rules]
    account.events.start_replay(
        ReplayName=(name := f"replay-{time.time_ns()}"),
        EventSourceArn=account.arn("events", "archive/archive"),
        Destination={"Arn": bus, **({"FilterArns": filters} if filters else {})},
        **{**WHOLE, **times},
    )
    eventually(lambda: account.events.describe_replay(ReplayName=name)["State"] == "COMPLETED")
    described: dict[str, Any] = account.events.describe_replay(ReplayName=name)
    return described


def test_a_replay_reaches_the_rules_that_its_filter_names(account: Account, bus: str) -> None:
    """Otherwise a replay for the archive would be a second message for every other target."""
    account.emit("bus")
    assert [len(account.messages(queue)) for queue in ("one", "two")] == [1, 1]
    described = replay(account, bus, "bus/one")
    assert [len(account.messages(queue)) for queue in ("one", "two")] == [1, 0]
    assert "EventLastReplayedTime" in described


def test_a_replay_without_a_filter_reaches_every_rule(account: Account, bus: str) -> None:
    account.emit("bus")
    replay(account, bus)
    assert [len(account.messages(queue)) for queue in ("one", "two")] == [2, 2]


def test_a_replayed_event_is_not_archived_again(account: Account, bus: str) -> None:
    account.emit("bus")
    replay(account, bus)
    assert account.events.describe_archive(ArchiveName="archive")["EventCount"] == 1


@pytest.mark.parametrize(
    ("rules", "times", "message"),
    [
        (["other/one"], {}, "is not a rule of the event bus"),
        (["bus/one"], {"EventEndTime": WHOLE["EventStartTime"]}, "EventStartTime must be before EventEndTime"),
    ],
)
def test_an_invalid_replay_is_rejected(
    account: Account, bus: str, rules: list[str], times: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError, match=message):
        replay(account, bus, *rules, **times)
