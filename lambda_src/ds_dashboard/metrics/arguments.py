"""Arguments of metrics: how a class declares them, how Terraform's strings become values, what a refresh may set."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ds_dashboard import canonical_json
from ds_dashboard.metrics.errors import ArgumentNotAllowed, MetricDeclarationError, MetricUnavailable

# In `at_runtime` of metric_instances, for an argument that no permission uses.
_ANY_VALUE = ("*",)

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_EXAMPLE = 'Write arguments = {"parameter_name": {"type": "string", "description": "..."}}.'
_KEYS = ("type", "required", "description", "default", "choices", "minimum", "maximum")
# The same texts as in modules/spoke/patterns.tf: what a plan accepts, the function converts.
_INTEGER = re.compile(r"-?[0-9]{1,100}")
_NUMBER = re.compile(r"-?[0-9]{1,100}([.][0-9]+)?([eE][+-]?[0-9]{1,2})?")


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return float(text)


def _boolean(text: str) -> bool:
    # Terraform converts true to "true" in a map of strings.
    return {"true": True, "false": False}[text.lower()]


def _json(text: str) -> Any:
    return json.loads(text, parse_float=_finite, parse_constant=_finite)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


_CASTS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "json": _json,
}
# Types whose values can be limited, and the class of their values.
_NUMERIC: dict[str, Any] = {"number": (int, float), "integer": int}
_LIMITED: dict[str, Any] = {"string": str, **_NUMERIC}


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
        # By value: in a text, an enum with texts would be the name of its member.
        plain = canonical_json.exact_text(name)
        result[plain] = _normalized_argument(class_name, plain, spec)
    return dict(sorted(result.items()))


def _normalized_argument(class_name: str, name: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(spec) - set(_KEYS)
    if unknown:
        raise MetricDeclarationError(
            class_name,
            f"the argument {name} is declared with {', '.join(sorted(map(repr, unknown)))}",
            f"Use {', '.join(_KEYS[:-1])} and {_KEYS[-1]}.",
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
            f"the argument {name} is required and has a default" if required is True else f"`required` is {required!r}",
            "Write required True, or a default.",
        )
    description = spec.get("description", "")
    if not isinstance(description, str):
        raise MetricDeclarationError(class_name, f"the description of the argument {name} is not a string", _EXAMPLE)
    plain = canonical_json.exact_text
    entry: dict[str, Any] = {"type": plain(kind), "required": required, "description": plain(description)}
    if "default" in spec:
        entry["default"] = spec["default"]
    limits = _limits(class_name, name, entry["type"], spec)
    default = spec.get("default")
    if default is not None and limits:
        if not _is_of_type(default, entry["type"]):
            raise MetricDeclarationError(
                class_name, f"the default {default!r} of the argument {name} is not a {kind}", "Correct it."
            )
        if not _is_within(default, limits):
            raise MetricDeclarationError(
                class_name,
                f"the default {default!r} of the argument {name} is not an allowed value",
                f"Use {allowed_values(limits)}.",
            )
    return entry | limits


def _limits(class_name: str, name: str, kind: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return `choices`, `minimum` and `maximum` of an argument's specification, checked."""
    limits: dict[str, Any] = {}
    for key in ("minimum", "maximum"):
        if key in spec:
            if kind not in _NUMERIC or not _is_of_type(spec[key], kind):
                raise MetricDeclarationError(
                    class_name,
                    f"the argument {name} is a {kind} with the {key} {spec[key]!r}",
                    "Use minimum and maximum for the types number and integer, with a value of the type.",
                )
            limits[key] = spec[key]
    if limits.get("minimum", -math.inf) > limits.get("maximum", math.inf):
        raise MetricDeclarationError(
            class_name,
            f"the minimum {limits['minimum']} of the argument {name} is greater than the maximum {limits['maximum']}",
            "Exchange them.",
        )
    if "choices" not in spec:
        return limits
    choices = spec["choices"]
    if kind not in _LIMITED or isinstance(choices, str) or not isinstance(choices, Sequence) or not choices:
        raise MetricDeclarationError(
            class_name,
            f"the argument {name} is a {kind} with the choices {choices!r}",
            "Use choices for the types string, number and integer, with a list of allowed values.",
        )
    for choice in choices:
        if not _is_of_type(choice, kind) or not _is_within(choice, limits):
            raise MetricDeclarationError(
                class_name,
                f"the choice {choice!r} of the argument {name} is not a {kind}, or not in its range",
                "Correct or remove it.",
            )
    texts = [canonical_json.exact_text(one) if isinstance(one, str) else one for one in choices]
    return {"choices": texts, **limits}


def _is_of_type(value: Any, kind: str) -> bool:
    if kind not in _LIMITED or isinstance(value, bool) or not isinstance(value, _LIMITED[kind]):
        return False
    return isinstance(value, str) or math.isfinite(value)


def _is_within(value: Any, limits: Mapping[str, Any]) -> bool:
    if "choices" in limits and value not in limits["choices"]:
        return False
    if "minimum" in limits and value < limits["minimum"]:
        return False
    return "maximum" not in limits or bool(value <= limits["maximum"])


def allowed_values(spec: Mapping[str, Any]) -> str:
    """Describe the values that `choices`, `minimum` and `maximum` of an argument allow, such as "1 to 30"."""
    if "choices" in spec:
        return f"one of {', '.join(map(str, spec['choices']))}"
    bounds = [f"at least {spec['minimum']}"] if "minimum" in spec else []
    bounds += [f"at most {spec['maximum']}"] if "maximum" in spec else []
    return " and ".join(bounds)


def cast(class_name: str, declared: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """Convert the given arguments of a metric to their declared types, and fill in defaults.

    Args:
        class_name: the metric's class, for messages.
        declared: the class's attribute `arguments`.
        given: the arguments as Terraform's strings, by name.

    Returns:
        The value of each declared argument, by name.

    Raises:
        MetricUnavailable: an argument is missing, unknown, not of its type, or not an allowed value.
    """
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise MetricUnavailable(class_name, f"has no argument {', '.join(unknown)}; {_known(declared)}")
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
                class_name, f"the argument {name} is {_shown(given[name])}, which is not a valid {spec['type']}"
            ) from error
        if not _is_within(values[name], spec):
            raise MetricUnavailable(
                class_name,
                f"the argument {name} is {_shown(given[name])}, which is not allowed; use {allowed_values(spec)}",
            )
    return values


def is_allowed(at_runtime: Mapping[str, Sequence[str]], argument: str, value: str) -> bool:
    """Return whether a refresh can set an argument to a value."""
    allowed = tuple(at_runtime.get(argument, ()))
    return allowed == _ANY_VALUE or value in allowed


def check_requested(
    name: str, declared: Mapping[str, Any], at_runtime: Mapping[str, Sequence[str]], requested: Mapping[str, str]
) -> None:
    """Check the arguments that a refresh sets. `cast` checks afterwards whether their values have the right type.

    Args:
        name: the metric's name in the spoke.
        declared: the class's attribute `arguments`.
        at_runtime: the allowed values by argument, from `metric_instances`.
        requested: the arguments as strings, by name.

    Raises:
        ArgumentNotAllowed: the metric has no such argument, or the spoke's deployer did not allow the value.
    """
    for argument, value in sorted(requested.items()):
        if argument not in declared:
            raise ArgumentNotAllowed(f"{name} has no argument {_shown(argument)}; {_known(declared)}")
        if not is_allowed(at_runtime, argument, value):
            allowed = at_runtime.get(argument, ())
            today = ", ".join(map(_shown, allowed)) or "no value"
            raise ArgumentNotAllowed(
                f"the argument {argument} of {name} cannot be {_shown(value)} at run time: the spoke allows {today}. "
                f"Set at_runtime = {{ {argument} = {_hcl_list([*allowed, value])} }} in "
                f"metric_instances[{_hcl(name)}] of modules/spoke and apply"
            )


def _known(declared: Mapping[str, Any]) -> str:
    return f"its arguments are: {', '.join(sorted(declared)) or 'none'}"


def _shown(text: str) -> str:
    return repr(text if len(text) <= 100 else f"{text[:100]}...")


def _hcl(text: str) -> str:
    """Return a string literal of Terraform."""
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def _hcl_list(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(_hcl, texts))}]"
