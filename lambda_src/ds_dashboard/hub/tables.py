"""What the writers of the three tables have in common: write results, attributes of items, and PartiQL statements.

Statements are executed in parallel requests. Each statement has its own answer, and throttled ones are retried. A value
takes up to 600 bytes of memory while a request is built and sent, so requests are limited by bytes, and only one large
request exists at a time.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from ds_dashboard import aws, dates
from ds_dashboard.concurrency import call_in_batches
from ds_dashboard.deadline import Deadline
from ds_dashboard.event import Received
from ds_dashboard.hub import calls
from ds_dashboard.typed_json import typed

OPTIONAL_ATTRIBUTES = ("Unit", "RefreshId", "Breakdown")

# The code of the answer to a statement that was executed.
OK = "OK"
# Errors of a whole request that are caused by one of its statements, or by the size of all of them.
_CAUSED_BY_STATEMENTS = {"ValidationException", "SerializationException", "RequestEntityTooLarge", "413"}
_MAX_STATEMENTS = 25
_MAX_REQUEST_BYTES = 256 * 1024
_LARGE_REQUEST_BYTES = 64 * 1024
_one_large_request = threading.Lock()


class Outcome(StrEnum):
    """What a writer did with an event. The values are names of CloudWatch metrics and codes of rejected messages.

    Attributes:
        WRITTEN: the event is in the table now.
        REDELIVERED: the event was in the table before.
        SUPERSEDED: the table has a newer event, so this one changes nothing.
        EXPIRED: the table's retention is over for the event.
        REFUSED: DynamoDB cannot store the event, now or later.
        FAILED: the event must be delivered again.
    """

    WRITTEN = "Archived"
    REDELIVERED = "Redelivered"
    SUPERSEDED = "Superseded"
    EXPIRED = "Expired"
    REFUSED = "Refused"
    FAILED = "Failed"


class WriteResult(NamedTuple):
    """The outcome of one event in one table; `reason` says why it was refused or failed."""

    outcome: Outcome
    reason: str = ""


def newest_by(
    events: Iterable[Received], subject: Callable[[Received], Hashable]
) -> tuple[list[Received], dict[str, WriteResult]]:
    """Choose the newest event of each subject.

    Returns:
        The newest events, and the results of the others, by `dedup_key`.
    """
    newest: dict[Hashable, Received] = {}
    results: dict[str, WriteResult] = {}
    for received in events:
        results[received.dedup_key] = WriteResult(Outcome.SUPERSEDED)
        key = subject(received)
        if key not in newest or age(newest[key]) < age(received):
            newest[key] = received
    for received in newest.values():
        del results[received.dedup_key]
    return list(newest.values()), results


def age(received: Received) -> str:
    """Return a text that orders the events of a series by their dates as sent.

    Events of the same date are ordered by their `dedup_key`, so that all archives order them alike.
    """
    return f"{dates.format_instant(received.date)}#{received.dedup_key}"


def attributes(received: Received) -> dict[str, Any]:
    """Return the attributes that a result has in the history table and in the latest table."""
    detail = received.detail
    return {
        "MetricName": detail["MetricName"],
        "MetricValue": detail["MetricValue"],
        "ProjectName": detail["ProjectName"],
        "Environment": detail["Environment"],
        "Metadata": detail["Metadata"],
        **{name: detail[name] for name in OPTIONAL_ATTRIBUTES if name in detail},
        "SentExtractionDate": dates.format_instant(received.date),
        "DedupKey": received.dedup_key,
        "EventId": received.event_id,
        "AccountId": received.account,
        "Region": received.region,
    }


def latest_item(received: Received) -> dict[str, Any]:
    """Return the item of a result in the latest table."""
    item = attributes(received)
    item["Project"] = received.project.key
    item["ExtractionDate"] = item["SentExtractionDate"]
    item["Age"] = age(received)
    return item


class Statement(NamedTuple):
    """A statement and the values of its question marks.

    Attributes:
        text: the statement.
        values: Python values without float.
        size: the bytes of the values in a request, at most.
    """

    text: str
    values: Sequence[Any]
    size: int


class Answer(NamedTuple):
    """The answer to a statement.

    Attributes:
        code: `OK` or DynamoDB's error code.
        message: the message of an error.
        is_transient: whether the same statement may succeed later.
    """

    code: str
    message: str = ""
    is_transient: bool = False


def insert(table: str, item: Mapping[str, Any], size: int) -> Statement:
    """Return the INSERT of an item; if its key is taken, the answer is `DuplicateItem` and nothing changes."""
    attributes = ", ".join(f"'{name}': ?" for name in item)
    return Statement(f'INSERT INTO "{table}" VALUE {{{attributes}}}', list(item.values()), size)


def execute(statements: Sequence[Statement], deadline: Deadline) -> list[Answer]:
    """Execute statements, no two of which may have the same key.

    Args:
        statements: what to execute.
        deadline: no request starts after it. The last error code of a throttled statement is then its answer.

    Returns:
        The answer to each statement, in the order of `statements`.
    """
    return call_in_batches(
        lambda batch: _execute(batch, deadline),
        statements,
        split=_batches,
        should_retry=lambda answer: answer.is_transient,
        backoff=calls.backoff_until(deadline),
    )


def _execute(statements: Sequence[Statement], deadline: Deadline) -> list[Answer]:
    try:
        responses = _request(statements, deadline)
    except calls.OutOfTime:
        return [Answer("OutOfTime", "there was no time for the request")] * len(statements)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in _CAUSED_BY_STATEMENTS:
            return [Answer(code, str(error), calls.is_transient(error))] * len(statements)
        if len(statements) == 1:
            return [Answer("ValidationError", str(error))]
        # Halve the batch, so that a statement that DynamoDB cannot read does not fail the others.
        half = len(statements) // 2
        return _execute(statements[:half], deadline) + _execute(statements[half:], deadline)
    except BotoCoreError as error:
        return [Answer(type(error).__name__, str(error), calls.is_transient(error))] * len(statements)
    return [_answer(response) for response in responses]


def _request(statements: Sequence[Statement], deadline: Deadline) -> Sequence[Mapping[str, Any]]:
    is_large = sum(statement.size for statement in statements) > _LARGE_REQUEST_BYTES
    with _one_large_request if is_large else contextlib.nullcontext():
        if deadline.remaining() <= 0:
            raise calls.OutOfTime
        parameters: list[Any] = [
            {"Statement": statement.text, "Parameters": [typed(value) for value in statement.values]}
            for statement in statements
        ]
        return aws.client("dynamodb", brief=True).batch_execute_statement(Statements=parameters)["Responses"]


def _answer(response: Mapping[str, Any]) -> Answer:
    if "Error" not in response:
        return Answer(OK)
    code = response["Error"]["Code"]
    return Answer(code, response["Error"].get("Message", ""), calls.is_transient_code(code))


def _batches(statements: Sequence[Statement]) -> Iterator[Sequence[Statement]]:
    batch: list[Statement] = []
    size = 0
    for statement in statements:
        if batch and (len(batch) == _MAX_STATEMENTS or size + statement.size > _MAX_REQUEST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(statement)
        size += statement.size
    if batch:
        yield batch
