"""Parse and serialize AWS's query protocol by the models of botocore."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

import botocore.session
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape


@cache
def _operation(service: str, operation: str) -> OperationModel:
    return botocore.session.get_session().get_service_model(service).operation_model(operation)


def parse(service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
    """Parse form parameters such as `Dimensions.member.1.Name` into the operation's input."""
    flat = {name: value[0] if isinstance(value, list) else value for name, value in params.items()}
    shape = _operation(service, operation).input_shape
    return _parsed(shape, flat, "") if isinstance(shape, StructureShape) else {}


def _parsed(shape: Shape, flat: dict[str, str], prefix: str) -> Any:
    if isinstance(shape, StructureShape):
        members = {}
        for name, member in shape.members.items():
            value = _parsed(member, flat, f"{prefix}.{name}" if prefix else name)
            if value is not None:
                members[name] = value
        return members if members or not prefix else None
    if isinstance(shape, ListShape):
        items: list[Any] = []
        while (item := _parsed(shape.member, flat, f"{prefix}.member.{len(items) + 1}")) is not None:
            items.append(item)
        return items or None
    text = flat.get(prefix)
    if text is None:
        return None
    if shape.type_name == "boolean":
        return text == "true"
    if shape.type_name in ("integer", "long"):
        return int(text)
    if shape.type_name in ("double", "float"):
        return float(text)
    return text


def serialize(service: str, operation: str, answer: dict[str, Any]) -> str:
    """Serialize the operation's output into the XML document of a response."""
    model = _operation(service, operation)
    namespace = model.metadata.get("xmlNamespace", "")
    result = ""
    if isinstance(model.output_shape, StructureShape):
        wrapper = model.output_shape.serialization.get("resultWrapper", f"{operation}Result")
        result = f"<{wrapper}>{_members(model.output_shape, answer)}</{wrapper}>"
    return (
        f'<{operation}Response xmlns="{namespace}">{result}'
        f"<ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></{operation}Response>"
    )


def _members(shape: StructureShape, value: dict[str, Any]) -> str:
    return "".join(
        _element(member, member.serialization.get("name", name), value[name])
        for name, member in shape.members.items()
        if value.get(name) is not None
    )


def _element(shape: Shape, name: str, value: Any) -> str:
    if isinstance(shape, StructureShape):
        return f"<{name}>{_members(shape, value)}</{name}>"
    if isinstance(shape, ListShape):
        return f"<{name}>{''.join(_element(shape.member, 'member', item) for item in value)}</{name}>"
    if isinstance(shape, MapShape):
        raise NotImplementedError(f"{name}: maps are not supported")
    return f"<{name}>{escape(_text(shape, value))}</{name}>"


def _text(shape: Shape, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if shape.type_name == "timestamp" and isinstance(value, (int, float)):
        return datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z")
    return str(value)
