"""What `redrive` sends, keeps and decrypts, with messages that somebody else has chosen; without Terraform."""

from __future__ import annotations

import base64
import json
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aws_encryption_sdk  # type: ignore[import-untyped]
import botocore.client
import botocore.session
import pytest
from tests.support.events import RESULT, event, result
from tests.support.tables import HUB, OTHER, REGION, SPOKE, HubTables

from ds_dashboard_local.client.accounts import allow, document

EVENTS = {"Service": "events.amazonaws.com"}
VALUE = event(result(MetricName="Good"), kind=RESULT, account=SPOKE)
# As EventBridge writes it, but for the result of another project.
VICTIM = event(result(ProjectName="Q", Environment="prod", MetricValue=999), kind=RESULT, account=OTHER)


@dataclass(frozen=True)
class Queues:
    """Queues of an installation."""

    hub: HubTables

    def url(self, role: str) -> str:
        """Create a queue, and return its URL."""
        url: str = self.hub.account.sqs.create_queue(QueueName=f"{self.hub.name}-{role}")["QueueUrl"]
        return url

    def put(self, role: str, *bodies: str, **attributes: str) -> None:
        """Send messages to a queue."""
        given = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        for body in bodies:
            self.hub.account.sqs.send_message(QueueUrl=self.url(role), MessageBody=body, MessageAttributes=given)

    def bodies(self, role: str) -> list[str]:
        """Return what is visible in a queue, and remove it."""
        self.url(role)
        return [message["Body"] for message in self.hub.account.messages(f"{self.hub.name}-{role}")]


@pytest.fixture
def queues(hub: HubTables, monkeypatch: pytest.MonkeyPatch) -> Queues:
    """The hub's queues. Here, a queue has no second server whose messages a receive could miss."""
    monkeypatch.setattr("ds_dashboard_cli.dead_letters.queues._WAIT_SECONDS", 0)
    queues = Queues(hub)
    queues.url("events")
    return queues


@dataclass(frozen=True)
class Buses:
    """The buses of a hub and a spoke of one name, with a dead-letter queue, under a key that EventBridge may not use.

    Attributes:
        key: the ARN of the key.
    """

    hub: HubTables
    key: str

    def arn(self, side: str) -> str:
        """Return the ARN of a bus."""
        return self.hub.account.arn("events", f"event-bus/{self.hub.name}-{side}")

    def lose(self, side: str, detail: dict[str, Any], account: str = HUB) -> None:
        """Put an event on a bus, which becomes an encrypted dead letter there."""
        entry = {"Source": "metric_extractor", "DetailType": RESULT, "Detail": json.dumps(detail)}
        events = self.hub.cloud.client("events", account, REGION)
        assert events.put_events(Entries=[{**entry, "EventBusName": self.arn(side)}])["FailedEntryCount"] == 0

    def another_key(self) -> str:
        """Create another key of the account."""
        arn: str = self.hub.account.kms.create_key(Policy=_own_key_policy())["KeyMetadata"]["Arn"]
        return arn

    def forge(self, text: str, key: str, bus: str, context: str | None = None, **envelope: str) -> str:
        """Encrypt an event as EventBridge does, under a key that the sender may use."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.hub.env.items():
                if value is not None:
                    patch.setenv(name, value)
            provider = aws_encryption_sdk.StrictAwsKmsMasterKeyProvider(
                key_ids=[key], botocore_session=botocore.session.Session()
            )
            payload, _ = aws_encryption_sdk.EncryptionSDKClient().encrypt(
                source=text.encode(),
                key_provider=provider,
                encryption_context={"aws:events:event-bus:arn": context or bus},
            )
        detail = {
            "event-bus-arn": bus,
            "kms-key-arn": key,
            "encrypted-payload": base64.b64encode(payload).decode(),
        }
        outer = json.loads(event({}, kind="Encrypted Events", account=SPOKE))
        return json.dumps({**outer, "source": "aws.events", **envelope, "detail": detail})


def _own_key_policy() -> str:
    root = allow("kms:*", "*", Principal={"AWS": f"arn:aws:iam::{HUB}:root"})
    return document(root, allow("kms:DescribeKey", "*", Principal=EVENTS))


@pytest.fixture
def buses(queues: Queues) -> Buses:
    """Buses on which every event becomes an encrypted dead letter."""
    account, name = queues.hub.account, queues.hub.name
    key = account.kms.create_key(Policy=_own_key_policy())["KeyMetadata"]["Arn"]
    for side, role in (("hub", "bus-dead-letters"), ("spoke", "spoke-bus-dead-letters")):
        queue = account.arn("sqs", f"{name}-{role}")
        condition = {"ArnEquals": {"aws:SourceArn": account.arn("events", f"event-bus/{name}-{side}")}}
        permission = allow("sqs:SendMessage", queue, Principal=EVENTS, Condition=condition)
        account.queue(f"{name}-{role}", from_rules=False, Policy=document(permission))
        bus = f"{name}-{side}"
        account.events.create_event_bus(Name=bus, KmsKeyIdentifier=key, DeadLetterConfig={"Arn": queue})
        all_accounts = allow("events:PutEvents", account.arn("events", f"event-bus/{bus}"), Principal="*")
        account.bus_policy(bus, {**all_accounts, "Sid": "All"})
    return Buses(queues.hub, key)


# Each of these once ended the listing or the redrive of everything behind it.
HOSTILE = {
    "not JSON": "\u2028 not JSON",
    "not an object": "[]",
    "nested": '{"a":' * 20_000 + "1" + "}" * 20_000,
    "nested in a name": '{"detail": {"MetricName": %s}}' % ("[" * 900 + "]" * 900),
    "members of other types": '{"detail": 5, "account": {}, "id": [], "resources": 5, "time": {}, "source": 1}',
    "resources that are no list": '{"detail": {}, "account": "111111111111", "resources": 5, "time": 7}',
    "a record without context": '{"requestContext": [1], "requestPayload": {}, "responsePayload": [2]}',
    "a record of texts": '{"requestContext": "x", "requestPayload": "x", "responsePayload": {"errorType": [1]}}',
    "lone surrogates": '{"detail": {"MetricName": "\\ud800"}, "account": "\\ud800"}',
    "no number": '{"detail": {"MetricName": NaN, "x": 1e999999}, "account": "111111111111", "source": "s"}',
    "an encrypted event": '{"source": "aws.events", "detail-type": "Encrypted Events", "detail": [1]}',
    "an encrypted event of nothing": '{"source": "aws.events", "detail-type": "Encrypted Events", "detail": {}}',
}
ROLES = ("bus-dead-letters", "spoke-dead-letters", "to-hubs-dead-letters")


def test_messages_that_cannot_be_redriven_are_kept_and_stop_no_other(queues: Queues) -> None:
    """Whatever is wrong with one message, those behind it are sent, and the exit code says that some were kept."""
    for role in ROLES:
        queues.put(role, *HOSTILE.values())
    queues.put("to-spokes-dead-letters", *HOSTILE.values(), TARGET_ARN="arn:aws:events")
    queues.put("rule-dead-letters", VALUE)
    hostile = len(HOSTILE) * (len(ROLES) + 1)
    assert len(queues.hub.lines("dead-letters")) == hostile + 1
    done = queues.hub.run("dead-letters", "redrive", "--all", code=1)
    assert f"1 message redriven to {queues.hub.name}-events." in done.stderr
    assert f"Error: {hostile} messages: could not be redriven and stay in their queues:" in done.stderr
    assert f"{hostile - 20} more" in done.stderr
    assert "Traceback" not in done.output
    assert queues.bodies("events") == [VALUE]
    assert len(queues.hub.lines("dead-letters")) == hostile
    queues.hub.run("dead-letters", "delete", "--all", "--yes")
    assert queues.hub.lines("dead-letters") == []


@pytest.mark.parametrize("code", ["AccessDenied", "InternalFailure", "InvalidMessageContents"])
def test_a_destination_that_rejects_one_message_gets_the_others(queues: Queues, code: str) -> None:
    """A service that fails for one message is no reason to keep all."""
    queues.put("events-dead-letters", *(VALUE for _ in range(3)))
    with queues.hub.cloud.fault("sqs:SendMessage", code=code, count=1 if code != "InternalFailure" else 9):
        done = queues.hub.run("dead-letters", "redrive", "--all", code=1, AWS_MAX_ATTEMPTS="1")
    (kept,) = [line for line in done.stderr.splitlines() if line.startswith(f"  {queues.hub.name}-")][:1]
    assert "SendMessage" in kept
    assert "Traceback" not in done.output
    left = len(queues.bodies("events-dead-letters"))
    assert left == (3 if code == "InternalFailure" else 1)
    assert len(queues.bodies("events")) == 3 - left


def test_a_message_that_sqs_does_not_delete_is_kept(queues: Queues, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was sent: a second redrive changes nothing in the tables. The others of its batch are deleted."""
    queues.put("events-dead-letters", VALUE, VALUE)
    clients: Any = botocore.client.BaseClient
    original = clients._make_api_call

    def call(client: Any, operation: str, params: dict[str, Any]) -> Any:
        if operation != "DeleteMessageBatch" or len(params["Entries"]) < 2:
            return original(client, operation, params)
        answer = original(client, operation, {**params, "Entries": params["Entries"][1:]})
        return {**answer, "Failed": [{"Id": params["Entries"][0]["Id"], "Code": "Busy", "SenderFault": False}]}

    monkeypatch.setattr(clients, "_make_api_call", call)
    done = queues.hub.run("dead-letters", "redrive", "--all", code=1)
    assert "SQS did not delete it (Busy)" in done.stderr
    assert f"1 message redriven to {queues.hub.name}-events." in done.stderr
    assert "1 message left." in done.stderr


def test_encrypted_events_of_the_bus_are_decrypted_with_its_key(queues: Queues, buses: Buses) -> None:
    """The account is the one that EventBridge recorded, although EventBridge itself sent the dead letter."""
    buses.lose("hub", result(MetricName="Encrypted"), account=SPOKE)
    (listed,) = queues.hub.lines("dead-letters")
    assert (listed["Subject"], listed["AccountId"]) == ("encrypted event", "")
    assert f"redriven to {queues.hub.name}-events." in queues.hub.run("dead-letters", "redrive", "--all").stderr
    (body,) = queues.bodies("events")
    assert (json.loads(body)["account"], json.loads(body)["detail"]["MetricName"]) == (SPOKE, "Encrypted")


@pytest.mark.parametrize("source", ["aws.events", "metric_extractor"])
@pytest.mark.parametrize("role", ["rule-dead-letters", "events-dead-letters", "rejected"])
def test_an_event_that_says_it_is_encrypted_is_not_decrypted_elsewhere(
    queues: Queues, buses: Buses, role: str, source: str
) -> None:
    """Any account that the bus policy allows can send it, and every plain text would be believed, for any account.

    Even a text that is encrypted under the key of the bus is sent as it is or kept, and the archive rejects it.
    """
    forged = buses.forge(VICTIM, buses.key, buses.arn("hub"), source=source)
    queues.put(role, forged)
    kept = source == "aws.events" and role != "rejected"
    command = "rejected" if role == "rejected" else "dead-letters"
    done = queues.hub.run(command, "redrive", "--all", code=int(kept))
    assert "Traceback" not in done.output
    assert ("encrypted events are decrypted in bus-dead-letters" in done.stderr) is kept
    assert queues.bodies("events") == ([] if kept else [forged])


@pytest.mark.parametrize("wrong", ["key", "bus", "context", "payload", "type", "no key"])
def test_an_event_of_another_bus_or_key_is_kept(queues: Queues, buses: Buses, wrong: str) -> None:
    """The bus must be the installation's, and the key the bus's own, whatever the event names."""
    own, other = buses.arn("hub"), buses.hub.account.arn("events", "event-bus/other")
    forged, reason = {
        "key": (buses.forge(VICTIM, buses.another_key(), own), "only the present key of the bus is used"),
        "bus": (buses.forge(VICTIM, buses.key, other), f"it is of {other}, not of {own}"),
        "context": (buses.forge(VICTIM, buses.key, own, context=other), "its content was not encrypted for"),
        "payload": (
            json.dumps({**json.loads(buses.forge("", buses.key, own)), "detail": {"event-bus-arn": own}}),
            "does not decrypt it",
        ),
        "type": (VICTIM, "it is not an encrypted event"),
        "no key": (buses.forge(VICTIM, buses.key, own), "has no customer managed key now"),
    }[wrong]
    if wrong == "no key":
        events, name = buses.hub.account.events, f"{buses.hub.name}-hub"
        events.delete_event_bus(Name=name)
        events.create_event_bus(Name=name)
    queues.put("bus-dead-letters", forged)
    with pytest.MonkeyPatch.context() as patch:
        # Those of pytest keep Python from printing what a library logs.
        patch.setattr(logging.getLogger(), "handlers", [])
        done = queues.hub.run("dead-letters", "redrive", "--all", code=1)
    assert reason in done.stderr
    assert "Traceback" not in done.output
    assert queues.bodies("events") == []
    assert queues.bodies("bus-dead-letters") == [forged]


def test_a_redrive_makes_no_other_accounts_event_one_of_the_spoke(queues: Queues, buses: Buses) -> None:
    """A hub may put events on the spoke's bus. PutEvents would give them the account of the spoke."""
    queues.put("to-hubs-dead-letters", event(result(), kind=RESULT, account=OTHER))
    buses.lose("spoke", result(MetricName="Forged"), account=OTHER)
    done = queues.hub.run("dead-letters", "redrive", "--all", code=1)
    assert done.stderr.count(f"account {OTHER} sent it, and it would become an event of {HUB}") == 2
    buses.lose("spoke", result(MetricName="Own"))
    (own,) = [line["Id"] for line in queues.hub.lines("dead-letters")][-1:]
    assert f"redriven to {queues.hub.name}-spoke." in queues.hub.run("dead-letters", "redrive", own).stderr


@pytest.mark.parametrize("command", ["rejected", "dead-letters"])
def test_messages_are_selected_by_the_time_at_which_they_arrived(queues: Queues, command: str) -> None:
    """The time in an event is its sender's choice: one that was taken over can date its events back."""
    role = "rejected" if command == "rejected" else "events-dead-letters"
    queues.put(role, VALUE.replace("Good", "Before"))
    time.sleep(0.05)
    taken_over = datetime.now(UTC)
    dated_back = (taken_over - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    queues.put(role, json.dumps({**json.loads(VALUE.replace("Good", "During")), "time": dated_back}))
    time.sleep(0.05)
    restored = datetime.now(UTC)
    queues.put(role, VALUE.replace("Good", "After"))

    def names(*words: object) -> list[str]:
        return [line["Subject"].split()[0] for line in queues.hub.lines(command, *words)]

    assert names() == ["Before", "During", "After"]
    assert names("--until", taken_over.isoformat()) == ["Before"]
    assert names("--since", taken_over.isoformat(), "--until", restored.isoformat()) == ["During"]
    assert names("--since", restored.isoformat()) == ["After"]
    assert "ends before it starts" in queues.hub.run(command, "--since", "1h", "--until", "2h", code=2).stderr
    done = queues.hub.run(command, "redrive", "--all", "--until", taken_over.isoformat())
    assert "3 messages before." in done.stderr
    assert "2 messages left." in done.stderr
    queues.hub.run(command, "redrive", "--all", "--since", restored.isoformat())
    assert [json.loads(body)["detail"]["MetricName"] for body in queues.bodies("events")] == ["Before", "After"]
    assert names() == ["During"]
    queues.hub.run(command, "delete", "--all", "--since", taken_over.isoformat(), "--yes")
    assert names() == []
