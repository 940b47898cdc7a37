"""What invokes functions without waiting: asynchronous calls and queues."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard_local.client.accounts import Account, allow

FAIL = "def handler(event, context): raise ValueError('no')"
READ = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]


def configure(account: Account, destination: str, retries: int = 0) -> None:
    account.lambda_.put_function_event_invoke_config(
        FunctionName="f",
        MaximumRetryAttempts=retries,
        DestinationConfig={"OnFailure": {"Destination": destination}},
    )


@pytest.mark.parametrize(("retries", "tries"), [(0, 1), (1, 2)])
def test_a_failed_event_ends_at_the_destination_after_its_retries(account: Account, retries: int, tries: int) -> None:
    """A rule's dead-letter queue sees nothing of a function that was accepted and then failed."""
    lost = account.queue("lost")
    function = account.function("f", FAIL, allow("sqs:SendMessage", lost))
    configure(account, lost, retries)
    assert account.lambda_.invoke(FunctionName="f", InvocationType="Event", Payload='{"a": 1}')["StatusCode"] == 202
    (message,) = account.messages("lost", wait=10)
    record = json.loads(message["Body"])
    assert record["requestPayload"] == {"a": 1}
    assert record["responsePayload"]["errorType"] == "ValueError"
    assert record["requestContext"]["functionArn"] == f"{function}:$LATEST"
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == tries


def test_a_destination_needs_the_roles_permission(account: Account) -> None:
    """Without it the event is gone; only metrics tell."""
    lost = account.queue("lost")
    account.function("f", FAIL)
    configure(account, lost)
    account.lambda_.invoke(FunctionName="f", InvocationType="Event")
    assert account.messages("lost", wait=2) == []
    counted = {metric["MetricName"] for metric in account.cloudwatch.list_metrics(Namespace="AWS/Lambda")["Metrics"]}
    assert {"AsyncEventsDropped", "DestinationDeliveryFailures"} <= counted


BATCH = """
def handler(event, context):
    bad = [r["messageId"] for r in event["Records"] if r["body"] == "bad"]
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in bad]}
"""


def mapping(account: Account, queue: str, **more: Any) -> None:
    account.lambda_.create_event_source_mapping(
        FunctionName="f", EventSourceArn=queue, FunctionResponseTypes=["ReportBatchItemFailures"], **more
    )


def test_a_batch_fails_item_by_item_and_the_bad_item_ends_as_a_dead_letter(account: Account) -> None:
    letters = account.queue("letters")
    redrive = json.dumps({"deadLetterTargetArn": letters, "maxReceiveCount": 2})
    queue = account.queue("q", VisibilityTimeout="1", RedrivePolicy=redrive)
    account.function("f", BATCH, allow(READ, queue), Timeout=1)
    mapping(account, queue)
    url = account.sqs.get_queue_url(QueueName="q")["QueueUrl"]
    entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(["good", "bad", "good"])]
    account.sqs.send_message_batch(QueueUrl=url, Entries=entries)
    assert [message["Body"] for message in account.messages("letters", wait=15)] == ["bad"]
    assert account.messages("q") == []


def test_a_mapping_needs_the_roles_permissions_on_the_queue(account: Account) -> None:
    queue = account.queue("q")
    account.function("f", BATCH, allow(READ[:2], queue))
    with pytest.raises(ClientError, match="does not have permissions to call GetQueueAttributes on SQS"):
        mapping(account, queue)
    account.permit("f-role", allow(READ, queue))
    mapping(account, queue)


def test_a_queue_must_hide_a_message_as_long_as_the_function_may_run(account: Account) -> None:
    queue = account.queue("q", VisibilityTimeout="5")
    account.function("f", BATCH, allow(READ, queue), Timeout=6)
    with pytest.raises(ClientError, match="less than Function timeout: 6 seconds"):
        mapping(account, queue)


def test_a_batch_over_ten_needs_a_window(account: Account) -> None:
    queue = account.queue("q")
    account.function("f", BATCH, allow(READ, queue))
    with pytest.raises(ClientError, match="Maximum batch window"):
        mapping(account, queue, BatchSize=100)
    mapping(account, queue, BatchSize=100, MaximumBatchingWindowInSeconds=1)
