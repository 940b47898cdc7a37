"""PartiQL statements in batches, side by side: each answered on its own, what DynamoDB throttled tried again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from ds_dashboard import aws, concurrency

OK = "OK"
# The SDK retries requests; it does not retry a statement that was throttled inside one that succeeded.
_PASSING = {
    "InternalServerError",
    "ProvisionedThroughputExceeded",
    "RequestLimitExceeded",
    "ThrottlingError",
    "TransactionConflict",
}
# What a request as a whole answers because of one of its statements, or because of their size together.
_OF_ONE = {"ValidationException", "SerializationException", "RequestEntityTooLarge", "413"}
_MOST_STATEMENTS = 25
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 2.0
_serialize = TypeSerializer().serialize


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement and the values of its question marks, as Python values without float."""

    text: str
    values: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a statement: `OK` or DynamoDB's error code, with its message."""

    code: str
    message: str = ""


def insert(table: str, item: Mapping[str, Any]) -> Statement:
    """The INSERT of `item`; on a taken key it answers `DuplicateItem` and changes nothing."""
    attributes = ", ".join(f"'{name}': ?" for name in item)
    return Statement(f'INSERT INTO "{table}" VALUE {{{attributes}}}', list(item.values()))


def execute(statements: Sequence[Statement], seconds_left: Callable[[], float]) -> list[Answer]:
    """Execute `statements`, none of which may share a key, and return their answers in the same order.

    Throttled statements are tried again until `seconds_left()` is used up; then their last code is the answer.
    """
    answers: list[Answer | None] = [None] * len(statements)
    waiting = list(range(len(statements)))
    pause = _FIRST_PAUSE
    while True:
        chunks = list(_chunks(waiting))
        answered = concurrency.each(lambda chunk: _execute([statements[index] for index in chunk]), chunks)
        for index, answer in zip(waiting, chain.from_iterable(answered), strict=True):
            answers[index] = answer
        waiting = [index for index in waiting if (answers[index] or Answer(OK)).code in _PASSING]
        if not waiting or seconds_left() <= pause:
            return [answer or Answer(OK) for answer in answers]
        time.sleep(pause * random.uniform(0.5, 1.0))
        pause = min(2 * pause, _LONGEST_PAUSE)


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
        if code not in _OF_ONE:
            return [Answer(code, str(error))] * len(statements)
        if len(statements) == 1:
            return [Answer("ValidationError", str(error))]
        # One statement that DynamoDB cannot even read must not take the others with it.
        half = len(statements) // 2
        return _execute(statements[:half]) + _execute(statements[half:])
    except BotoCoreError as error:
        return [Answer(type(error).__name__, str(error))] * len(statements)
    return [
        Answer(response["Error"]["Code"], response["Error"].get("Message", "")) if "Error" in response else Answer(OK)
        for response in responses
    ]


def _chunks(indexes: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(indexes), _MOST_STATEMENTS):
        yield indexes[start : start + _MOST_STATEMENTS]
