"""SageMaker's resources in moto, as documents in the API's names, and answers of its JSON protocol."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, Shape, StructureShape
from ministack.core.responses import get_account_id, get_region

from ds_dashboard_local.engine.middleware import Response

Document = dict[str, Any]

MAX_PAGE_SIZE = 100


@cache
def shape(name: str) -> Shape:
    """Return a shape of SageMaker's model."""
    return botocore.session.get_session().get_service_model("sagemaker").shape_for(name)


def backend(account: str | None = None, region: str | None = None) -> Any:
    """Return moto's SageMaker of an account and region, by default those of the current request."""
    # The import takes a second; `moto_services` begins it when the server starts.
    from moto.sagemaker.models import sagemaker_backends

    return sagemaker_backends[account or get_account_id()][region or get_region()]


def items(moto: Any, kind: str) -> Iterator[tuple[str, Any]]:
    """Yield the name and the object of each resource of a kind, such as "training_jobs"."""
    if kind == "pipeline_executions":
        # moto keeps them with their pipelines only.
        for pipeline in list(moto.pipelines.values()):
            yield from list(pipeline.pipeline_executions.items())
    else:
        yield from list(getattr(moto, kind).items())


def document(resource: str, item: Any) -> Document:
    """Return an object of moto as the API describes it; what it does not have is left out.

    Args:
        resource: Such as "TrainingJob": an ARN is its `TrainingJobArn`.
        item: The object.
    """
    found = {name: value for name, value in item.gen_response_object().items() if value is not None}
    if "Arn" in found:
        found[f"{resource}Arn"] = found.pop("Arn")
    return found


def encoded(value: Any) -> Any:
    """Return a value for JSON, with times in seconds since 1970."""
    if isinstance(value, datetime):
        return epoch(value)
    if isinstance(value, dict):
        return {name: encoded(one) for name, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [encoded(one) for one in value]
    return value


def epoch(instant: datetime) -> float:
    """Return seconds since 1970; moto's times have no time zone, and are in UTC."""
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()


def decoded(expected: Shape, value: Any, path: str) -> Any:
    """Return a value in the form in which moto keeps it, checked by the model.

    Args:
        expected: The shape of the value. Times are seconds since 1970, or ISO 8601 with a time zone.
        value: As JSON has it.
        path: The value's name, for the message.

    Raises:
        ValueError: The value does not fit.
    """
    if value is None:
        return None
    if isinstance(expected, StructureShape) and isinstance(value, dict):
        if unknown := sorted(set(value) - set(expected.members)):
            raise ValueError(f"{path} has no {', '.join(unknown)}; it has {', '.join(expected.members)}")
        return {name: decoded(expected.members[name], one, f"{path}.{name}") for name, one in value.items()}
    if isinstance(expected, ListShape) and isinstance(value, list):
        return [decoded(expected.member, one, f"{path}[{number}]") for number, one in enumerate(value)]
    if isinstance(expected, MapShape) and isinstance(value, dict):
        return {name: decoded(expected.value, one, f"{path}.{name}") for name, one in value.items()}
    if expected.type_name == "timestamp":
        instant = datetime.fromisoformat(value) if isinstance(value, str) else datetime.fromtimestamp(value, UTC)
        if instant.tzinfo is None:
            raise ValueError(f"{path} is {value}, which has no time zone; append Z for UTC")
        return instant.astimezone(UTC).replace(tzinfo=None)
    if not isinstance(value, _TYPES.get(expected.type_name, object)):
        raise ValueError(f"{path} is {value!r}, and not a {expected.type_name}")
    return value


_TYPES: dict[str, Any] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "structure": dict,
    "list": list,
    "map": dict,
}


def answer(content: Document) -> Response:
    """Return a successful answer."""
    return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(encoded(content)).encode()


def invalid(message: str, code: str = "ValidationException") -> Response:
    """Return an error of the client, by default that of an invalid request."""
    body = json.dumps({"__type": code, "message": message}).encode()
    return 400, {"Content-Type": "application/x-amz-json-1.1"}, body


async def read_all(
    given: dict[str, Any], call: Callable[[dict[str, Any]], Awaitable[Response]]
) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Read all pages of a list; returns status, headers and the joined answer of the last call."""
    request = {**given, "MaxResults": MAX_PAGE_SIZE}
    joined: dict[str, Any] = {}
    while True:
        status, headers, raw = await call(request)
        answer: dict[str, Any] = json.loads(raw or b"{}")
        if status != 200:
            return status, headers, answer
        token = answer.pop("NextToken", None)
        for name, value in answer.items():
            if isinstance(value, list):
                joined.setdefault(name, []).extend(value)
            else:
                joined[name] = value
        if not token:
            return status, headers, joined
        request["NextToken"] = token
