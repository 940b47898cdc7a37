"""Faults: which calls run into them, what happens to the calls, and when a fault ends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from ds_dashboard_local import LocalCloud, LocalCloudError
from ds_dashboard_local.client.accounts import Account, allow, eventually

ERROR = {"Source": "test", "DetailType": "test", "Detail": "{}"}


@pytest.fixture(autouse=True)
def lifted(local_cloud: LocalCloud) -> Iterator[None]:
    """Lift the faults of a test at its end."""
    yield
    local_cloud.lift_faults()


def _code(call: Any) -> str:
    with pytest.raises(ClientError) as raised:
        call()
    return str(raised.value.response["Error"]["Code"])


def _insert(account: Account, table: str, *keys: str) -> list[str]:
    """Insert items; the code of each statement."""
    statements = [{"Statement": f"INSERT INTO \"{table}\" VALUE {{'k': '{key}'}}"} for key in keys]
    answers = account.dynamodb.batch_execute_statement(Statements=statements)["Responses"]
    return [answer.get("Error", {}).get("Code", "OK") for answer in answers]


def _keys(account: Account, table: str) -> set[str]:
    return {item["k"]["S"] for item in account.dynamodb.scan(TableName=table)["Items"]}


@pytest.mark.parametrize(
    ("call", "code", "answered"),
    [
        ("dynamodb:ListTables", "ThrottlingException", "ThrottlingException"),
        ("ssm:DescribeParameters", "InternalServerError", "InternalServerError"),
        ("sqs:ListQueues", "AccessDenied", "AccessDenied"),
        ("lambda:ListFunctions", "TooManyRequestsException", "TooManyRequestsException"),
        ("iam:ListRoles", "Throttling", "Throttling"),
        ("cloudwatch:DescribeAlarms", "InternalServiceError", "InternalServiceError"),
        ("sagemaker:ListModels", "ThrottlingException", "ThrottlingException"),
        ("events:ListEventBuses", "", "ServiceUnavailable"),
    ],
)
def test_an_error_has_its_code_in_the_protocol_of_each_service(
    account: Account, call: str, code: str, answered: str
) -> None:
    """Clients parse it as the service's own error, in JSON, XML and CBOR."""
    services = {"lambda": account.lambda_}
    service, operation = call.split(":")
    client = services.get(service) or getattr(account, service)
    name = next(name for name, value in client.meta.method_to_api_mapping.items() if value == operation)
    with account.cloud.fault(call, code=code or None, account=account.id):
        assert _code(getattr(client, name)) == answered
    getattr(client, name)()


def test_a_fault_skips_calls_and_then_hits_its_count(account: Account) -> None:
    fault = account.cloud.fault("sqs:ListQueues", code="AccessDenied", account=account.id, skip=1, count=2)
    account.sqs.list_queues()
    for _ in range(2):
        assert _code(account.sqs.list_queues) == "AccessDenied"
    account.sqs.list_queues()
    assert fault.hits == 2
    (listed,) = account.cloud.faults()
    assert (listed["id"], listed["hits"], listed["over"]) == (fault.id, 2, True)


def test_a_fault_ends_after_its_duration(account: Account) -> None:
    account.cloud.fault("sqs:ListQueues", code="AccessDenied", account=account.id, duration=0.3)
    assert _code(account.sqs.list_queues) == "AccessDenied"
    eventually(lambda: account.cloud.faults()[0]["over"])
    account.sqs.list_queues()


def test_a_fault_lasts_until_it_is_lifted(account: Account) -> None:
    first = account.cloud.fault("sqs:*", code="AccessDenied", account=account.id)
    second = account.cloud.fault("sqs:*", code="Throttled", account=account.id)
    assert _code(account.sqs.list_queues) == "AccessDenied"
    first.lift()
    first.lift()
    assert _code(account.sqs.list_queues) == "Throttled"
    assert [one["id"] for one in account.cloud.lift_faults()] == [second.id]
    account.sqs.list_queues()


def test_a_fault_hits_only_calls_that_match(account: Account, other: Account) -> None:
    """By account, region, resource and caller; control calls run into no fault."""
    cloud = account.cloud
    for name in ("first-table", "second-table"):
        account.table(name)
    with cloud.fault("*:*", code="AccessDenied", account=account.id):
        other.sqs.list_queues()
        assert _code(account.sqs.list_queues) == "AccessDenied"
        assert cloud.status()["pid"]
    with cloud.fault("sqs:ListQueues", code="AccessDenied", account=account.id, region="us-east-1"):
        account.sqs.list_queues()
        assert _code(cloud.client("sqs", account.id, "us-east-1").list_queues) == "AccessDenied"
    with cloud.fault("dynamodb:BatchExecuteStatement", code="Torn", resource="*/second-table"):
        assert _insert(account, "first-table", "a") == ["OK"]
        assert _code(lambda: _insert(account, "second-table", "a")) == "Torn"
    account.role("reporter", allow("sqs:*"))
    with cloud.fault("sqs:*", code="Throttled", caller="reporter"):
        account.sqs.list_queues()
        assert _code(account.as_role("sqs", "reporter").list_queues) == "Throttled"


def test_chance_is_the_same_for_the_same_seed(account: Account) -> None:
    def hits() -> list[bool]:
        with account.cloud.fault("sqs:ListQueues", code="AccessDenied", chance=0.5, seed=7, account=account.id):
            return [_refused(account) for _ in range(12)]

    first = hits()
    assert first == hits()
    assert 0 < sum(first) < 12


def _refused(account: Account) -> bool:
    try:
        account.sqs.list_queues()
    except ClientError:
        return True
    return False


def test_a_delayed_call_is_executed(account: Account) -> None:
    begun = time.monotonic()
    with account.cloud.fault("sqs:CreateQueue", kind="delay", delay=0.5, account=account.id):
        account.sqs.create_queue(QueueName="late")
    assert time.monotonic() - begun > 0.5
    assert len(account.sqs.list_queues()["QueueUrls"]) == 1


def test_a_hanging_call_ends_with_the_fault(account: Account) -> None:
    """The call is not executed; the client retries it by itself, and then it is."""
    fault = account.cloud.fault("sqs:CreateQueue", kind="hang", account=account.id)
    with ThreadPoolExecutor() as pool:
        made = pool.submit(account.sqs.create_queue, QueueName="hung")
        eventually(lambda: fault.hits == 1)
        assert not made.done()
        assert not account.sqs.list_queues().get("QueueUrls")
        fault.lift()
        assert "hung" in made.result(15)["QueueUrl"]
    assert fault.hits == 1


def test_a_call_is_not_executed_if_its_connection_is_reset(account: Account) -> None:
    account.table("resets")
    with (
        account.cloud.fault("dynamodb:Batch*", kind="reset", account=account.id) as fault,
        pytest.raises(ConnectionClosedError),
    ):
        _insert(account, "resets", "a")
    assert fault.hits == 2  # the client's own retry too
    assert _keys(account, "resets") == set()


def test_a_call_is_executed_if_its_answer_is_lost(account: Account) -> None:
    """The client's retry finds what the first attempt did; with a code, the client gets an error instead."""
    account.table("losses")
    with account.cloud.fault("dynamodb:BatchExecuteStatement", kind="lost", account=account.id, count=1):
        assert _insert(account, "losses", "a") == ["DuplicateItem"]
    with account.cloud.fault("dynamodb:BatchExecuteStatement", kind="lost", code="Torn", account=account.id):
        assert _code(lambda: _insert(account, "losses", "b")) == "Torn"
    assert _keys(account, "losses") == {"a", "b"}


def test_some_entries_of_a_batch_fail_and_the_others_are_executed(account: Account) -> None:
    """Each service answers in its own way: 200, and an error for the entry."""
    queue = account.queue("entries")
    account.rule("default", "all", queue)
    url = account.sqs.get_queue_url(QueueName="entries")["QueueUrl"]
    account.table("entries")
    cloud = account.cloud
    with cloud.fault("events:PutEvents", kind="partial", entries=2, account=account.id):
        answer = account.events.put_events(Entries=[ERROR] * 3)
    assert answer["FailedEntryCount"] == 2
    assert [entry.get("ErrorCode") for entry in answer["Entries"]] == [None, "InternalFailure", "InternalFailure"]
    with cloud.fault("sqs:SendMessageBatch", kind="partial", code="Busy", entries=1, account=account.id):
        sent = account.sqs.send_message_batch(
            QueueUrl=url, Entries=[{"Id": str(number), "MessageBody": "sent"} for number in range(2)]
        )
    assert ([one["Id"] for one in sent["Successful"]], sent["Failed"][0]["Code"]) == (["0"], "Busy")
    with cloud.fault("dynamodb:BatchExecuteStatement", kind="partial", entries=1, account=account.id, count=1):
        assert _insert(account, "entries", "a", "b") == ["OK", "ThrottlingError"]
    with cloud.fault("events:PutEvents", kind="partial", account=account.id):
        assert account.events.put_events(Entries=[ERROR] * 3)["FailedEntryCount"] == 3
    assert len(account.messages(queue)) == 2
    assert _keys(account, "entries") == {"a"}


FOUR_CALLS = """
import boto3
sqs = boto3.client("sqs")
def handler(event, context):
    for number in range(4):
        sqs.send_message(QueueUrl=event, MessageBody=str(number))
    return "done"
"""


def test_a_function_is_killed_after_its_calls(account: Account) -> None:
    """The last call is executed, the next invocation gets a new process, and other clients' calls do not count."""
    account.queue("killed")
    account.function("fourcalls", FOUR_CALLS, allow("sqs:SendMessage"))
    url = account.sqs.get_queue_url(QueueName="killed")["QueueUrl"]
    with account.cloud.fault("sqs:SendMessage", kind="kill", skip=1, count=1, account=account.id) as fault:
        for _ in range(3):
            account.sqs.send_message(QueueUrl=url, MessageBody="from outside")
        assert "errorMessage" in account.invoke("fourcalls", url)
        assert account.invoke("fourcalls", url) == "done"
    assert fault.hits == 1
    bodies = sorted(message["Body"] for message in account.messages("killed"))
    assert bodies == sorted(["from outside"] * 3 + ["0", "1"] + ["0", "1", "2", "3"])


def test_a_function_times_out_if_a_call_is_late(account: Account) -> None:
    account.queue("late")
    account.function("outoftime", FOUR_CALLS, allow("sqs:SendMessage"), Timeout=1)
    url = account.sqs.get_queue_url(QueueName="late")["QueueUrl"]
    with account.cloud.fault("sqs:SendMessage", kind="delay", delay=3, skip=2, count=1, account=account.id):
        assert "timed out" in account.invoke("outoftime", url)["errorMessage"]
    assert len(account.messages("late")) >= 2


ECHO = """
import boto3
sqs = boto3.client("sqs")
def handler(event, context):
    for record in event["Records"]:
        text = f"{record['body']} {record['messageId']} {record['attributes']['ApproximateReceiveCount']}"
        sqs.send_message(QueueUrl="QUEUE", MessageBody=text)
"""


def test_a_processed_message_comes_again_with_its_id(account: Account) -> None:
    """One to `times` times, in another order; messages that are sent after the fault come once."""
    account.queue("echo")
    source = account.queue("source")
    url = account.sqs.get_queue_url(QueueName="echo")["QueueUrl"]
    account.function("echo", ECHO.replace("QUEUE", url), allow("sqs:*"))
    account.lambda_.create_event_source_mapping(FunctionName="echo", EventSourceArn=source, BatchSize=10)
    source_url = account.sqs.get_queue_url(QueueName="source")["QueueUrl"]
    fault = account.cloud.fault(kind="redeliver", times=3, resource=source)
    bodies = [str(number) for number in range(10)]
    account.sqs.send_message_batch(QueueUrl=source_url, Entries=[{"Id": body, "MessageBody": body} for body in bodies])
    eventually(lambda: fault.hits == 10)
    fault.lift()
    account.sqs.send_message(QueueUrl=source_url, MessageBody="once")
    eventually(lambda: _depth(account, source_url) == 0)
    received = [message["Body"].split() for message in account.messages("echo", wait=1)]
    came = {body: [(identifier, int(count)) for one, identifier, count in received if one == body] for body in bodies}
    for times in came.values():
        assert len({identifier for identifier, _ in times}) == 1
        assert sorted(count for _, count in times) == list(range(1, len(times) + 1))
        assert 2 <= len(times) <= 4
    assert [one for one, _, _ in received].count("once") == 1


def _depth(account: Account, url: str) -> int:
    counts = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    attributes = account.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return sum(int(attributes[count]) for count in counts)


def test_a_rule_delivers_an_event_several_times_with_one_id(account: Account) -> None:
    queue = account.queue("twice")
    account.rule("default", "twice", queue)
    with account.cloud.fault(kind="duplicate", resource="twice", times=3, count=1, account=account.id):
        first, second = account.emit("default", {"n": 1}), account.emit("default", {"n": 2})
    bodies = [message["Body"] for message in account.messages(queue)]
    assert sum(first["EventId"] in body for body in bodies) == 3
    assert sum(second["EventId"] in body for body in bodies) == 1


@pytest.mark.parametrize(
    ("given", "fix"),
    [
        ({"call": "dynamodb"}, "write it as service:Operation"),
        ({"call": "sqs:*", "kind": "explode"}, "error, delay, reset"),
        ({"call": "s3:*", "kind": "partial"}, "these have: events:PutEvents"),
        ({"call": "sqs:*", "kind": "delay"}, "how many seconds"),
        ({"call": "sqs:*", "account": "12"}, "12 digits"),
        ({"call": "sqs:*", "status": 200}, "400 to 599"),
        ({"call": "sqs:*", "chance": 1.5}, "at most 1"),
        ({"call": "sqs:*", "count": 0}, "count is 0"),
        ({"call": "sqs:*", "colour": "red"}, "has no colour"),
        ({"call": "sqs:SendMessage", "kind": "redeliver"}, "sqs:DeleteMessage alone"),
    ],
)
def test_an_invalid_fault_is_rejected_with_the_fix(local_cloud: LocalCloud, given: dict[str, Any], fix: str) -> None:
    with pytest.raises(LocalCloudError, match=fix):
        local_cloud.fault(**given)
    assert local_cloud.faults() == []


def test_an_unknown_fault_cannot_be_lifted(local_cloud: LocalCloud) -> None:
    with pytest.raises(LocalCloudError, match="fault list"):
        local_cloud.lift_faults(999_999)
