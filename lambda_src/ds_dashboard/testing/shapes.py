"""Checks of requests and canned answers against botocore's model of a service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.model import Shape
from botocore.utils import parse_to_aware_datetime
from botocore.validate import ParamValidator


class NotInModel(Exception):
    """A request or a canned answer has something that the service does not have; the message names the field."""


def check_request(what: str, shape: Shape | None, parameters: Mapping[str, Any]) -> None:
    """Check the parameters of a call, also the values of enumerations, which botocore sends unchecked.

    Raises:
        NotInModel: a parameter is unknown, missing, or of another type, or its value is not one of the possible ones.
    """
    if shape is None:
        return
    report = ParamValidator().validate(dict(parameters), shape)
    if report.has_errors():
        raise NotInModel(f"{what} is called with wrong parameters: {report.generate_report()}")
    _check_values(what, shape, parameters)


def _check_values(what: str, shape: Any, value: Any) -> None:
    if shape.type_name == "structure":
        for name, inner in value.items():
            _check_values(f"{what} {name}", shape.members[name], inner)
    elif shape.type_name == "list":
        for inner in value:
            _check_values(what, shape.member, inner)
    elif shape.type_name == "string":
        _check_enumeration(what, shape, value)


def _check_enumeration(what: str, shape: Any, value: Any) -> None:
    possible = shape.enum
    if possible and value not in possible:
        raise NotInModel(f"{what} is {value!r}, which is not one of {', '.join(possible)}")


def answer(what: str, shape: Shape | None, given: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return a canned answer as botocore would parse it from the service's answer.

    Fields that the service always returns and that are not given are filled in. Everything is copied.

    Args:
        what: the operation, for messages.
        shape: of the answer.
        given: the canned answer.
        now: the time for times that are filled in.

    Raises:
        NotInModel: the service has no such field, or a value has another type.
    """
    made: dict[str, Any] = {} if shape is None else _parsed(what, shape, given, now)
    made["ResponseMetadata"] = {"HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0}
    return made


def _parsed(what: str, shape: Any, value: Any, now: datetime) -> Any:
    kind = shape.type_name
    if kind == "structure":
        _check_type(what, value, Mapping, "a dict")
        unknown = [name for name in value if name not in shape.members]
        if unknown:
            raise NotInModel(f"{what} has no {', '.join(unknown)}; it has: {', '.join(shape.members)}")
        made = {name: _parsed(f"{what} {name}", shape.members[name], inner, now) for name, inner in value.items()}
        for name in shape.required_members:
            if name not in made:
                made[name] = _example(shape.members[name], name, now)
        return made
    if kind == "list":
        _check_type(what, value, list | tuple, "a list")
        return [_parsed(what, shape.member, inner, now) for inner in value]
    if kind == "map":
        _check_type(what, value, Mapping, "a dict")
        return {key: _parsed(f"{what} {key}", shape.value, inner, now) for key, inner in value.items()}
    if kind == "timestamp":
        return _time(what, value)
    if kind in ("float", "double"):
        _check_type(what, value, int | float, "a number")
        return float(value)
    if kind in ("integer", "long"):
        _check_type(what, value, int, "an integer")
        return value
    if kind == "string":
        _check_type(what, value, str, "a text")
        _check_enumeration(what, shape, value)
    return value


def _check_type(what: str, value: Any, kind: Any, name: str) -> None:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise NotInModel(f"{what} is {value!r}, and not {name}")


def _time(what: str, value: Any) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is None:
        raise NotInModel(f"{what} is {value!r}, a time without a zone: add tzinfo=UTC")
    try:
        return parse_to_aware_datetime(value).astimezone(UTC)
    except (ValueError, TypeError) as error:
        raise NotInModel(f"{what} is {value!r}, and not a time") from error


def _example(shape: Any, name: str, now: datetime) -> Any:
    """Return a value for a field that the service always returns."""
    kind = shape.type_name
    if kind == "structure":
        return {one: _example(shape.members[one], one, now) for one in shape.required_members}
    if kind == "string":
        return shape.enum[0] if shape.enum else name.lower()
    examples: dict[str, Any] = {"list": [], "map": {}, "timestamp": now, "boolean": False, "blob": b""}
    return examples.get(kind, 0.0 if kind in ("float", "double") else 0)
