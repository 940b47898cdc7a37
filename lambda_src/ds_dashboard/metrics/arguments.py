"""Arguments of metrics: how a class declares them, and how Terraform's strings become values."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from ds_dashboard.metrics.errors import MetricDeclarationError, MetricUnavailable

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_EXAMPLE = 'Write arguments = {"parameter_name": {"type": "string", "description": "..."}}.'


def _boolean(text: str) -> bool:
    # Terraform turns true into "true" where a map holds strings.
    return {"true": True, "false": False}[text.lower()]


_CASTS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "number": float,
    "integer": int,
    "boolean": _boolean,
    "json": json.loads,
}


def normalized(class_name: str, declared: Any) -> dict[str, dict[str, Any]]:
    """Declared arguments with `type`, `required` and `description` filled in, sorted by name.

    An argument with a `default` is not required; one without is, unless it says `"required": False` (then its value is
    None where it is not given). Raises MetricDeclarationError.
    """
    if not isinstance(declared, Mapping):
        raise MetricDeclarationError(class_name, "`arguments` is not a dict", _EXAMPLE)
    result: dict[str, dict[str, Any]] = {}
    for name, spec in declared.items():
        if not (isinstance(name, str) and _NAME.fullmatch(name)):
            raise MetricDeclarationError(class_name, f"the argument name {name!r} is not an identifier", _EXAMPLE)
        if not isinstance(spec, Mapping):
            raise MetricDeclarationError(class_name, f"the argument {name} is declared as {spec!r}", _EXAMPLE)
        unknown = set(spec) - {"type", "required", "description", "default"}
        if unknown:
            raise MetricDeclarationError(
                class_name,
                f"the argument {name} is declared with {', '.join(sorted(map(repr, unknown)))}",
                "Known are type, required, description and default.",
            )
        kind = spec.get("type", "string")
        if kind not in _CASTS:
            raise MetricDeclarationError(
                class_name, f"the argument {name} has the type {kind!r}", f"Use one of {', '.join(_CASTS)}."
            )
        required = spec.get("required", "default" not in spec)
        if not isinstance(required, bool) or (required and "default" in spec):
            raise MetricDeclarationError(
                class_name,
                f"the argument {name} is required and has a default"
                if required is True
                else f"`required` is {required!r}",
                "Say required True, or give a default.",
            )
        description = spec.get("description", "")
        if not isinstance(description, str):
            raise MetricDeclarationError(class_name, f"the argument {name} has no text as description", _EXAMPLE)
        result[name] = {"type": kind, "required": required, "description": description}
        if "default" in spec:
            result[name]["default"] = spec["default"]
    return dict(sorted(result.items()))


def cast(class_name: str, declared: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """The values of a metric's arguments by their declared types, defaults filled in.

    Raises MetricUnavailable for an argument that is missing, unknown, or not of its type.
    """
    unknown = sorted(set(given) - set(declared))
    if unknown:
        known = ", ".join(sorted(declared)) or "none"
        raise MetricUnavailable(class_name, f"has no argument {', '.join(unknown)}; its arguments are: {known}")
    values: dict[str, Any] = {}
    for name, spec in normalized(class_name, declared).items():
        if name not in given:
            if spec["required"]:
                raise MetricUnavailable(
                    class_name, f"needs the argument {name}; give it in metric_instances and apply again"
                )
            values[name] = spec.get("default")
            continue
        try:
            values[name] = _CASTS[spec["type"]](given[name])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise MetricUnavailable(
                class_name, f"the argument {name} is {given[name]!r}, which is no {spec['type']}"
            ) from error
    return values
