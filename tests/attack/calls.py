"""A call of AWS for each action that a role of the world may have, made with the credentials of whoever tries it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from ds_dashboard_local import RunningCloud

from .accounts import REGION

DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}


class Caller:
    """The keys of a role in somebody's hands."""

    def __init__(self, cloud: RunningCloud, keys: dict[str, str]) -> None:
        self._cloud, self._keys = cloud, keys
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """A client with these keys."""
        if service not in self._clients:
            access, secret, token = (self._keys[key] for key in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
            self._clients[service] = self._cloud.client_with(service, access, secret, token, REGION)
        return self._clients[service]

    def may(self, action: str, resource: str) -> bool:
        """Whether AWS lets the role call `action` on `resource`; other errors than a denial come after that."""
        try:
            CALLS[action](self, resource)
        except ClientError as error:
            return error.response["Error"]["Code"] not in DENIED
        return True


def _last(arn: str) -> str:
    return arn.replace("/*", "/any").rsplit("/", 1)[-1]


def _queue_url(arn: str) -> str:
    _, _, _, region, account, name = arn.split(":")
    return f"https://sqs.{region}.amazonaws.com/{account}/{name}"


def _partiql(caller: Caller, text: str, *values: dict[str, str]) -> None:
    (answer,) = caller.client("dynamodb").batch_execute_statement(
        Statements=[{"Statement": text, "Parameters": list(values)}]
    )["Responses"]
    if "Error" in answer:
        raise ClientError({"Error": {"Code": answer["Error"]["Code"]}}, "BatchExecuteStatement")


def _insert(caller: Caller, table: str) -> None:
    # Without the table's keys, so that nothing is stored.
    _partiql(caller, f"""INSERT INTO "{_last(table)}" VALUE {{'Forged': ?}}""", {"S": "x"})


def _update(caller: Caller, table: str) -> None:
    text = f'UPDATE "{_last(table)}" SET "Forged" = ? WHERE "Project" = ? AND "MetricName" = ?'
    _partiql(caller, text, {"S": "x"}, {"S": "Forged#dev"}, {"S": "Forged"})


def _query(caller: Caller, table: str) -> None:
    key = "MetricName" if table.endswith("-metrics") else "Project"
    caller.client("dynamodb").query(
        TableName=_last(table), KeyConditionExpression=f"{key} = :x", ExpressionAttributeValues={":x": {"S": "x"}}
    )


def _update_item(caller: Caller, table: str) -> None:
    # On a condition that does not hold, so that nothing is changed.
    caller.client("dynamodb").update_item(
        TableName=_last(table), Key={"Project": {"S": "x"}}, ConditionExpression="attribute_exists(Nothing)"
    )


def _put_events(caller: Caller, bus: str) -> None:
    entry = {
        "Source": "attack",
        "DetailType": "attack",
        "Detail": "{}",
        "EventBusName": bus,
    }
    (answer,) = caller.client("events").put_events(Entries=[entry])["Entries"]
    if "ErrorCode" in answer:
        raise ClientError({"Error": {"Code": answer["ErrorCode"]}}, "PutEvents")


def _log(operation: str, **more: Any) -> Callable[[Caller, str], None]:
    def call(caller: Caller, resource: str) -> None:
        group = resource.split(":log-group:")[1].removesuffix(":*")
        getattr(caller.client("logs"), operation)(logGroupName=group, logStreamName="attack", **more)

    return call


# Where that can be, they are calls that change nothing: their permission is asked before their sense.
CALLS: dict[str, Callable[[Caller, str], object]] = {
    "dynamodb:PartiQLInsert": _insert,
    "dynamodb:PartiQLUpdate": _update,
    "dynamodb:Query": _query,
    "dynamodb:Scan": lambda caller, table: caller.client("dynamodb").scan(TableName=_last(table), Limit=1),
    "dynamodb:UpdateItem": _update_item,
    "events:PutEvents": _put_events,
    "kms:Decrypt": lambda caller, key: caller.client("kms").decrypt(CiphertextBlob=b"x", KeyId=key),
    "kms:GenerateDataKey": lambda caller, key: caller.client("kms").generate_data_key(KeyId=key, KeySpec="AES_256"),
    "lambda:InvokeFunction": lambda caller, function: caller.client("lambda").invoke(
        FunctionName=function, Payload=json.dumps({"Projects": ["Nobody"], "Records": [], "detail": {"Projects": []}})
    ),
    "logs:CreateLogStream": _log("create_log_stream"),
    "logs:PutLogEvents": _log("put_log_events", logEvents=[{"timestamp": 1, "message": "forged"}]),
    "sagemaker:ListEndpoints": lambda caller, _: caller.client("sagemaker").list_endpoints(),
    "sqs:DeleteMessage": lambda caller, queue: caller.client("sqs").delete_message(
        QueueUrl=_queue_url(queue), ReceiptHandle="none"
    ),
    "sqs:GetQueueAttributes": lambda caller, queue: caller.client("sqs").get_queue_attributes(
        QueueUrl=_queue_url(queue)
    ),
    "sqs:ReceiveMessage": lambda caller, queue: caller.client("sqs").receive_message(
        QueueUrl=_queue_url(queue), VisibilityTimeout=0
    ),
    "sqs:SendMessage": lambda caller, queue: caller.client("sqs").send_message(
        QueueUrl=_queue_url(queue), MessageBody="forged", DelaySeconds=10_000
    ),
    "ssm:GetParameter": lambda caller, name: caller.client("ssm").get_parameter(Name=_parameter(name)),
    "ssm:GetParameters": lambda caller, name: caller.client("ssm").get_parameters(Names=[_parameter(name)]),
    "ssm:GetParametersByPath": lambda caller, name: caller.client("ssm").get_parameters_by_path(Path=_parameter(name)),
}


def _parameter(arn: str) -> str:
    return arn.split(":parameter")[1].replace("*", "any")
