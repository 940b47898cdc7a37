"""PartiQL statements in parallel batches: each has its own answer, and throttled ones are retried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from ds_dashboard import aws
from ds_dashboard.concurrency import call_in_batches
from ds_dashboard.deadline import Backoff, Deadline

OK = "OK"
_TRANSIENT = {
    "InternalServerError",
    "ProvisionedThroughputExceeded",
    "RequestLimitExceeded",
    "ThrottlingError",
    "TransactionConflict",
}
# Errors of a whole request that are caused by one of its statements, or by the size of all of them.
_CAUSED_BY_STATEMENTS = {"ValidationException", "SerializationException", "RequestEntityTooLarge", "413"}
_MAX_STATEMENTS = 25
_BACKOFF_MIN, _BACKOFF_MAX = 0.05, 2.0
_serialize = TypeSerializer().serialize


class Statement(NamedTuple):
    """A statement and the values of its question marks: Python values without float."""

    text: str
    values: Sequence[Any]


class Answer(NamedTuple):
    """The answer to a statement: `OK` or DynamoDB's error code, with its message."""

    code: str
    message: str = ""


def insert(table: str, item: Mapping[str, Any]) -> Statement:
    """Return the INSERT of an item; if its key is taken, the answer is `DuplicateItem` and nothing changes."""
    attributes = ", ".join(f"'{name}': ?" for name in item)
    return Statement(f'INSERT INTO "{table}" VALUE {{{attributes}}}', list(item.values()))


def execute(statements: Sequence[Statement], deadline: Deadline) -> list[Answer]:
    """Execute statements, no two of which may have the same key.

    Args:
        statements: what to execute.
        deadline: when to stop retrying throttled statements. Their last error code is then their answer.

    Returns:
        The answer to each statement, in the order of `statements`.
    """
    return call_in_batches(
        _execute,
        statements,
        split=_batches,
        should_retry=lambda answer: answer.code in _TRANSIENT,
        backoff=Backoff(deadline, _BACKOFF_MIN, _BACKOFF_MAX),
    )


def _execute(statements: Sequence[Statement]) -> list[Answer]:
    try:
        responses = aws.client("dynamodb").batch_execute_statement(
            Statements=[
                {"Statement": statement.text, "Parameters": [_serialize(value) for value in statement.values]}
                for statement in statements
            ]
        )["Responses"]
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in _CAUSED_BY_STATEMENTS:
            return [Answer(code, str(error))] * len(statements)
        if len(statements) == 1:
            return [Answer("ValidationError", str(error))]
        # Halve the batch, so that a statement that DynamoDB cannot read does not fail the others.
        half = len(statements) // 2
        return _execute(statements[:half]) + _execute(statements[half:])
    except BotoCoreError as error:
        return [Answer(type(error).__name__, str(error))] * len(statements)
    return [
        Answer(response["Error"]["Code"], response["Error"].get("Message", "")) if "Error" in response else Answer(OK)
        for response in responses
    ]


def _batches(statements: Sequence[Statement]) -> Iterator[Sequence[Statement]]:
    for start in range(0, len(statements), _MAX_STATEMENTS):
        yield statements[start : start + _MAX_STATEMENTS]
