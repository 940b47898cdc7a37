"""Functions: what they can import and call, how they fail, and what invokes them."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard_local.client.accounts import Account, allow, eventually, package

LOGS = allow(["logs:CreateLogStream", "logs:PutLogEvents"])
ENVIRONMENT = """
import os, boto3
def handler(event, context):
    names = ["AWS_REGION", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_EXECUTION_ENV", "MINE"]
    caller = boto3.client("sts").get_caller_identity()
    seen = {name: os.environ.get(name) for name in names}
    own = [n for n in os.environ if n.startswith("DS_DASHBOARD") or n == "AWS_PROFILE"]
    return {**seen, "arn": caller["Arn"], "invoked": context.invoked_function_arn, "own": own}
"""


def test_a_function_runs_as_its_role_in_its_account_and_region(
    monkeypatch: pytest.MonkeyPatch, local_cloud: Any, account: Account
) -> None:
    """The function says `python3.13` on `arm64`, whatever runs here, and the user's own settings stay outside."""
    there = Account(local_cloud, account.id, "us-east-1")
    there.function("f", ENVIRONMENT, Environment={"Variables": {"MINE": "x"}})
    assert there.invoke("f") == {
        "AWS_REGION": "us-east-1",
        "AWS_LAMBDA_FUNCTION_NAME": "f",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "MINE": "x",
        "arn": f"arn:aws:sts::{account.id}:assumed-role/f-role/f",
        "invoked": f"arn:aws:lambda:us-east-1:{account.id}:function:f",
        "own": [],
    }


def test_a_dependency_that_is_not_packaged_cannot_be_imported(account: Account) -> None:
    """The most common fault of a package; a worker in the developer's virtual environment would hide it."""
    account.function("f", "import boto3, dateutil, click\ndef handler(event, context): pass")
    assert "No module named 'click'" in account.invoke("f")["errorMessage"]
    account.lambda_.update_function_code(FunctionName="f", ZipFile=package("import boto3\ndef handler(e, c): return 1"))
    assert account.invoke("f") == 1


def test_a_failed_update_of_the_code_leaves_code_and_hash(account: Account) -> None:
    """The hash is that of the code which runs, so that whoever compares it finds a forgotten update."""

    def returning(value: int) -> bytes:
        return package(f"def handler(event, context): return {value}")

    def shown() -> set[str]:
        found = account.lambda_.get_function(FunctionName="f")["Configuration"]
        return {found["CodeSha256"], account.lambda_.get_function_configuration(FunctionName="f")["CodeSha256"]}

    def hash_of(code: bytes) -> str:
        return base64.b64encode(hashlib.sha256(code).digest()).decode()

    old, new = returning(1), returning(2)
    account.function("f", "", Timeout=10)
    account.lambda_.update_function_code(FunctionName="f", ZipFile=old)
    with (
        account.cloud.fault("lambda:UpdateFunctionCode", code="AccessDeniedException", status=403, account=account.id),
        pytest.raises(ClientError, match="AccessDenied"),
    ):
        account.lambda_.update_function_code(FunctionName="f", ZipFile=new)
    account.s3.create_bucket(
        Bucket=f"code-{account.id}", CreateBucketConfiguration={"LocationConstraint": account.region}
    )
    with pytest.raises(ClientError, match="InvalidParameterValueException"):
        account.lambda_.update_function_code(FunctionName="f", S3Bucket=f"code-{account.id}", S3Key="not-uploaded-yet")
    assert shown() == {hash_of(old)}
    assert account.invoke("f") == 1
    account.lambda_.update_function_code(FunctionName="f", ZipFile=new)
    assert shown() == {hash_of(new)}
    assert account.invoke("f") == 2


def test_a_call_without_permission_is_denied(account: Account) -> None:
    source = "import boto3\ndef handler(e, c): return boto3.client('sqs').list_queues().get('QueueUrls')"
    account.function("f", source)
    assert account.invoke("f")["errorType"] == "ClientError"
    account.permit("f-role", allow("sqs:ListQueues"))
    assert account.invoke("f") == []


def test_an_exception_is_reported_by_its_class(account: Account) -> None:
    """A destination's record and an operator see `errorType`."""
    account.function("f", "class Odd(Exception): pass\ndef handler(event, context): raise Odd('why')", LOGS)
    account.logs.create_log_group(logGroupName="/aws/lambda/f")
    answer = account.lambda_.invoke(FunctionName="f")
    payload = json.load(answer["Payload"])
    assert answer["FunctionError"] == "Unhandled"
    assert (payload["errorType"], payload["errorMessage"]) == ("Odd", "why")
    assert "in handler" in payload["stackTrace"][0]
    assert "[ERROR] Odd: why" in account.log_lines("/aws/lambda/f")


def test_a_function_is_ended_at_its_timeout(account: Account) -> None:
    account.function("f", "import time\ndef handler(event, context): time.sleep(event)", Timeout=1)
    begun = time.monotonic()
    assert "timed out after 1.00 seconds" in account.invoke("f", 30)["errorMessage"]
    assert time.monotonic() - begun < 30
    assert account.invoke("f", 0) is None, "the next invocation gets a new environment"


WAIT = """
import os, pathlib, time
def handler(folder, context):
    if folder:
        pathlib.Path(folder, "begun").touch()
        while not pathlib.Path(folder, "go").exists():
            time.sleep(0.01)
    return os.environ["MINE"]
"""


@pytest.mark.parametrize("change", ["update", "delete"])
def test_a_running_invocation_ends_normally_when_its_function_changes(
    account: Account, tmp_path: Path, change: str
) -> None:
    """An update while events flow loses none of them; the next invocation gets a new environment."""
    account.function("f", WAIT, Environment={"Variables": {"MINE": "1"}})
    with ThreadPoolExecutor() as pool:
        running = pool.submit(account.invoke, "f", str(tmp_path))
        eventually((tmp_path / "begun").exists)
        if change == "update":
            variables = {"Variables": {"MINE": "2"}}
            account.lambda_.update_function_configuration(FunctionName="f", Environment=variables)
            assert account.invoke("f") == "2"
        else:
            account.lambda_.delete_function(FunctionName="f")
        assert not running.done()
        (tmp_path / "go").touch()
        assert running.result() == "1"


def test_the_environment_is_limited_to_four_kilobytes(account: Account) -> None:
    """Names and values together; therefore it has metric names, and the package has the definitions."""
    account.function("f", "def handler(event, context): pass", Environment={"Variables": {"A": "x" * 4095}})
    for call, more in (
        (account.lambda_.update_function_configuration, {}),
        (
            account.lambda_.create_function,
            {"Role": account.arn("iam", "x"), "Code": {"ZipFile": b""}, "Handler": "h", "Runtime": "python3.13"},
        ),
    ):
        with pytest.raises(ClientError, match="exceeded the 4KB limit"):
            call(FunctionName="f", Environment={"Variables": {"A": "x" * 4096}}, **more)


def test_a_role_that_lambda_cannot_assume_is_rejected(account: Account) -> None:
    role = account.role("mine")
    with pytest.raises(ClientError, match="cannot be assumed by Lambda"):
        account.lambda_.create_function(
            FunctionName="f", Role=role, Code={"ZipFile": package("")}, Handler="h.h", Runtime="python3.13"
        )


FAIL = "def handler(event, context): raise ValueError('no')"
READ = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]


def configure(account: Account, destination: str, retries: int = 0) -> None:
    account.lambda_.put_function_event_invoke_config(
        FunctionName="f",
        MaximumRetryAttempts=retries,
        DestinationConfig={"OnFailure": {"Destination": destination}},
    )


@pytest.mark.parametrize(("retries", "tries"), [(0, 1), (1, 2)])
def test_a_failed_event_goes_to_the_destination_after_its_retries(account: Account, retries: int, tries: int) -> None:
    """A rule's dead-letter queue receives nothing if the invocation was accepted and failed later."""
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
    """Without it the event is lost, and only metrics show it."""
    lost = account.queue("lost")
    account.function("f", FAIL)
    configure(account, lost)
    account.lambda_.invoke(FunctionName="f", InvocationType="Event")

    def counted() -> set[str]:
        return {found["MetricName"] for found in account.cloudwatch.list_metrics(Namespace="AWS/Lambda")["Metrics"]}

    eventually(lambda: {"AsyncEventsDropped", "DestinationDeliveryFailures"} <= counted())
    assert account.messages("lost") == []


BATCH = """
def handler(event, context):
    bad = [r["messageId"] for r in event["Records"] if r["body"] == "bad"]
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in bad]}
"""


def mapping(account: Account, queue: str, **settings: Any) -> None:
    account.lambda_.create_event_source_mapping(
        FunctionName="f", EventSourceArn=queue, FunctionResponseTypes=["ReportBatchItemFailures"], **settings
    )


def test_a_batch_fails_item_by_item_and_the_failed_item_becomes_a_dead_letter(account: Account) -> None:
    dead_letters = account.queue("dead-letters")
    redrive = json.dumps({"deadLetterTargetArn": dead_letters, "maxReceiveCount": 2})
    queue = account.queue("q", VisibilityTimeout="1", RedrivePolicy=redrive)
    account.function("f", BATCH, allow(READ, queue), Timeout=1)
    mapping(account, queue)
    url = account.sqs.get_queue_url(QueueName="q")["QueueUrl"]
    entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(["good", "bad", "good"])]
    account.sqs.send_message_batch(QueueUrl=url, Entries=entries)
    assert [message["Body"] for message in account.messages("dead-letters", wait=15)] == ["bad"]
    assert account.messages("q") == []


def test_a_mapping_needs_the_roles_permissions_on_the_queue(account: Account) -> None:
    queue = account.queue("q")
    account.function("f", BATCH, allow(READ[:2], queue))
    with pytest.raises(ClientError, match="does not have permissions to call GetQueueAttributes on SQS"):
        mapping(account, queue)
    account.permit("f-role", allow(READ, queue))
    mapping(account, queue)


def test_a_visibility_timeout_must_not_be_shorter_than_the_functions_timeout(account: Account) -> None:
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
