"""What a function takes from a queue at once, and that a queue loses nothing while it does."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from ds_dashboard_local.client.accounts import Account, allow, eventually

COUNT = """
import json
def handler(event, context):
    print(json.dumps({"taken": [record["body"] for record in event["Records"]]}))
"""


def _taken(account: Account, function: str) -> list[list[str]]:
    lines = [json.loads(line) for line in account.log_lines(f"/aws/lambda/{function}") if line.startswith('{"taken"')]
    return [line["taken"] for line in lines]


def _send(account: Account, url: str, first: int) -> None:
    entries = [{"Id": str(number), "MessageBody": str(number)} for number in range(first, first + 10)]
    account.sqs.send_message_batch(QueueUrl=url, Entries=entries)


def test_a_function_takes_as_many_messages_as_its_mapping_says(account: Account) -> None:
    """More than the ten that a client may take."""
    source = account.queue("large")
    url = account.sqs.get_queue_url(QueueName="large")["QueueUrl"]
    account.function("large", COUNT, allow(["sqs:*", "logs:*"]))
    for first in range(0, 60, 10):
        _send(account, url, first)
    account.lambda_.create_event_source_mapping(
        FunctionName="large", EventSourceArn=source, BatchSize=50, MaximumBatchingWindowInSeconds=1
    )
    eventually(lambda: sum(map(len, _taken(account, "large"))) == 60)
    assert sorted(map(len, _taken(account, "large"))) == [10, 50]


def test_a_message_that_comes_while_others_are_deleted_is_kept(account: Account) -> None:
    """Four senders at once, and a function that takes one message at a time: each is taken once."""
    source = account.queue("busy")
    url = account.sqs.get_queue_url(QueueName="busy")["QueueUrl"]
    account.function("busy", COUNT, allow(["sqs:*", "logs:*"]))
    account.lambda_.create_event_source_mapping(FunctionName="busy", EventSourceArn=source, BatchSize=10)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda first: _send(account, url, first), range(0, 1000, 10)))
    eventually(lambda: sum(map(len, _taken(account, "busy"))) >= 1000)
    assert sorted(int(body) for batch in _taken(account, "busy") for body in batch) == list(range(1000))
