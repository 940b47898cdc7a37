"""Hubs for fuzzing, with clients that reject what AWS rejects, also where the local cloud accepts more.

A call that AWS would reject as a whole is a bug of the archive: the batch would be delivered again forever.
Sources: quotas and naming rules in the guides of DynamoDB, SQS and Systems Manager.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError
from tests.archive.conftest import Hub

from ds_dashboard import aws
from ds_dashboard_local import LocalCloud

_ITEM_BYTES = 400 * 1024
_MESSAGE_BYTES = 256 * 1024
_KEY_BYTES = {"MetricName": 1024, "Project": 2048, "ExtractionDate": 1024, "Series": 2048}
_QUEUE_TEXT = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
_PARAMETER = re.compile(r"(/[A-Za-z0-9_.-]+){1,15}")


class Strict:
    """A client that checks each call and passes it on."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        check = _CHECKS.get(name)

        def call(**arguments: Any) -> Any:
            if check is not None:
                check(arguments)
            return getattr(self._client, name)(**arguments)

        return call if check is not None else getattr(self._client, name)


def _statements(arguments: dict[str, Any]) -> None:
    statements = arguments["Statements"]
    assert 1 <= len(statements) <= 25
    for statement in statements:
        assert len(statement["Statement"]) <= 8192
        names = re.findall(r"""'([^']+)': \?|"([^"]+)" = \?""", statement["Statement"])
        values = statement["Parameters"]
        assert len(names) <= len(values)
        assert sum(_size(value) for value in values) < _ITEM_BYTES
        for (inserted, updated), value in zip(names, values, strict=False):
            _value(value, 1)
            if limit := _KEY_BYTES.get(inserted or updated):
                assert 1 <= len(value["S"].encode()) <= limit


def _update(arguments: dict[str, Any]) -> None:
    for name in arguments["ExpressionAttributeNames"].values():
        assert name
    for value in arguments["ExpressionAttributeValues"].values():
        _value(value, 1)


def _value(value: dict[str, Any], depth: int) -> None:
    ((kind, content),) = value.items()
    assert depth <= 32, "nested deeper than 32 levels"
    if kind == "N":
        number = Decimal(content)
        digits = "".join(map(str, number.as_tuple().digits)).strip("0")
        assert not digits or (len(digits) <= 38 and -130 <= number.adjusted() <= 125), content
    elif kind == "S":
        content.encode()
    for inner in content.values() if kind == "M" else content if kind == "L" else ():
        _value(inner, depth + 1)


def _size(value: dict[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind == "M":
        return 3 + sum(1 + len(key.encode()) + _size(inner) for key, inner in content.items())
    if kind == "L":
        return 3 + sum(1 + _size(inner) for inner in content)
    return 21 if kind == "N" else len(content.encode()) if kind == "S" else 1


def _message(arguments: dict[str, Any]) -> None:
    attributes = arguments.get("MessageAttributes", {})
    assert len(attributes) <= 10
    size = len(arguments["MessageBody"].encode())
    for name, attribute in attributes.items():
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,256}", name)
        assert attribute["StringValue"]
        assert _QUEUE_TEXT.fullmatch(attribute["StringValue"])
        size += len(name) + len(attribute["DataType"]) + len(attribute["StringValue"].encode())
    if size > _MESSAGE_BYTES:
        raise ClientError({"Error": {"Code": "InvalidParameterValue", "Message": f"{size} bytes"}}, "SendMessage")


def _parameters(arguments: dict[str, Any]) -> None:
    names = arguments["Names"]
    assert 1 <= len(names) <= 10
    assert len(set(names)) == len(names)
    for name in names:
        assert _PARAMETER.fullmatch(name), name
        assert len(name) <= 1011


_CHECKS = {
    "batch_execute_statement": _statements,
    "update_item": _update,
    "send_message": _message,
    "get_parameters": _parameters,
}


@contextmanager
def hub(cloud: LocalCloud) -> Iterator[Hub]:
    """Create a hub with checked clients, and remove its tables and queues afterwards."""
    made = Hub(cloud)
    for service, client in (("dynamodb", made.dynamodb), ("sqs", made.sqs), ("ssm", made.ssm)):
        aws.use(service, Strict(client))
    try:
        yield made
    finally:
        for table in ("metrics", "latest", "spokes"):
            made.dynamodb.delete_table(TableName=f"{made.name}-{table}")
        made.sqs.delete_queue(QueueUrl=made.rejected_url)
        aws.forget()
