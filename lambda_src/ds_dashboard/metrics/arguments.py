"""Arguments of metrics: how a class declares them, and how Terraform's strings are converted to values."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from ds_dashboard import canonical_json
from ds_dashboard.metrics.errors import MetricDeclarationError, MetricUnavailable

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_EXAMPLE = 'Write arguments = {"parameter_name": {"type": "string", "description": "..."}}.'


def _boolean(text: str) -> bool:
    # Terraform converts true to "true" in a map of strings.
    return {"true": True, "false": False}[text.lower()]


_CASTS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "number": float,
    "integer": int,
    "boolean": _boolean,
    "json": json.loads,
}


def normalized(class_name: str, declared: Any) -> dict[str, dict[str, Any]]:
    """Check a class's `arguments`, and fill in `type`, `required` and `description`.

    An argument is required if it has no `default` and does not say `"required": False`. An argument that is neither
    given nor required, and has no default, is None.

    Args:
        class_name: the class, for messages.
        declared: the class's attribute `arguments`.

    Returns:
        The specification of each argument, sorted by name.

    Raises:
        MetricDeclarationError: the declaration is wrong.
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
                "Use type, required, description and default.",
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
                "Write required True, or a default.",
            )
        description = spec.get("description", "")
        if not isinstance(description, str):
            raise MetricDeclarationError(
                class_name, f"the description of the argument {name} is not a string", _EXAMPLE
            )
        # By value: in a text, an enum with texts would be the name of its member.
        plain = canonical_json.exact_text
        entry = {"type": plain(kind), "required": required, "description": plain(description)}
        if "default" in spec:
            entry["default"] = spec["default"]
        result[plain(name)] = entry
    return dict(sorted(result.items()))


def cast(class_name: str, declared: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """Convert the given arguments of a metric to their declared types, and fill in defaults.

    Args:
        class_name: the metric's class, for messages.
        declared: the class's attribute `arguments`.
        given: the arguments as Terraform's strings, by name.

    Returns:
        The value of each declared argument, by name.

    Raises:
        MetricUnavailable: an argument is missing, unknown, or not of its type.
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
                    class_name, f"needs the argument {name}; set it in metric_instances and apply again"
                )
            values[name] = spec.get("default")
            continue
        try:
            values[name] = _CASTS[spec["type"]](given[name])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise MetricUnavailable(
                class_name, f"the argument {name} is {given[name]!r}, which is not a valid {spec['type']}"
            ) from error
    return values
