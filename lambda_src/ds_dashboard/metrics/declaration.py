"""Checks of a metric's class while its file is imported: a wrong declaration must not wait for the first run."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ds_dashboard import series
from ds_dashboard.metrics import arguments, permissions
from ds_dashboard.metrics.errors import MetricDeclarationError
from ds_dashboard.metrics.readings import Reading, with_their_readings

_declared: dict[str, type] = {}

# Misspelled attributes, which nothing reads, and the attributes that were meant. Letters only, so that case and
# underscores do not matter.
_MISSPELLINGS = {
    "iampermissions": "_iam_permissions",
    "iampermission": "_iam_permissions",
    "iampolicy": "_iam_permissions",
    "permissions": "_iam_permissions",
    "getiampermissions": "get_iam_permissions",
    "computevalue": "_compute_value",
    "units": "unit",
    "unit": "unit",
    "argument": "arguments",
    "arguments": "arguments",
    "dimension": "dimensions",
    "dimensions": "dimensions",
    "reading": "readings",
    "readings": "readings",
    "historical": "historical",
    "historic": "historical",
    "scope": "scope",
    "scopes": "scope",
    "mayread": "may_read",
}
# Flags of code objects. The module inspect, which has their names, would add to each cold start.
_CO_VARARGS, _CO_GENERATOR, _CO_COROUTINE, _CO_ASYNC_GENERATOR = 0x04, 0x20, 0x80, 0x200
# Methods that classes of the AWS sample override, and what to do instead.
_SAMPLE_METHODS = {
    "extract": "Compute the value in `_compute_value`: ds_dashboard emits what it returns. Remove or rename `extract`.",
    "emit_event": "ds_dashboard emits the event itself. Return the value from `_compute_value`, with what else to send "
    "in `self.metadata`. Remove or rename `emit_event`.",
}
_PUBLIC = frozenset(_MISSPELLINGS.values())


def declared() -> dict[str, type]:
    """Return every metric whose file has been imported, by name."""
    return dict(_declared)


def is_base(cls: type) -> bool:
    """Return whether a class is only a base of metrics: its name begins with `_`, or it is abstract."""
    # __abstractmethods__ is not set yet when __init_subclass__ runs.
    return (
        cls.__name__.startswith("_")
        or abc.ABC in cls.__bases__
        or any(getattr(getattr(cls, name, None), "__isabstractmethod__", False) for name in dir(cls))
    )


def check(cls: type, root: type) -> None:
    """Check a class, and add it to the declared metrics unless it is a base.

    Args:
        cls: the class.
        root: `Metric`, from which the class is derived.

    Raises:
        MetricDeclarationError: the declaration is wrong, or another class has the name.
    """
    _check_spelling(cls)
    if is_base(cls):
        return
    name = cls.__name__
    _check_compute_value(cls, root)
    _check_overrides(cls)
    _check_texts(cls)
    given = arguments.normalized(name, _class_attribute(cls, "arguments"))
    _check_attributes(cls)
    permissions.normalized(name, _class_attribute(cls, "_iam_permissions"), given)
    for reading in with_their_readings(_class_attribute(cls, "readings")):
        permissions.normalized(f"{name}: reading {reading.name}", reading.permissions, given)
        _check_cost(f"{name}: reading {reading.name}", reading.calls, reading.usd, {"may_read": reading.may_read})
    _register(cls)


def _class_attribute(cls: type, name: str) -> Any:
    value = getattr(cls, name)
    if callable(value) or isinstance(value, property):
        raise MetricDeclarationError(
            cls.__name__,
            f"`{name}` is a method or property, and Terraform needs it before an instance exists",
            "Assign it in the class body. For computed permissions, override get_iam_permissions(region, account_id).",
        )
    return value


def _check_spelling(cls: type) -> None:
    for attribute in vars(cls):
        # Python renames an attribute with two leading underscores to _Class__name.
        written = attribute.removeprefix(f"_{cls.__name__.lstrip('_')}") if "__" in attribute else attribute
        meant = _meant(written)
        if meant is not None and attribute != meant and meant not in vars(cls):
            raise MetricDeclarationError(cls.__name__, f"nothing reads the attribute `{written}`", f"Write `{meant}`.")


def _meant(attribute: str) -> str | None:
    if attribute in _PUBLIC or (attribute.startswith("__") and attribute.endswith("__")):
        return None
    letters = attribute.replace("_", "").lower()
    if letters in _MISSPELLINGS:
        return _MISSPELLINGS[letters]
    for known in ("iampermissions", "getiampermissions", "computevalue"):
        if abs(len(letters) - len(known)) <= 2 and _distance(letters, known) <= 2:
            return _MISSPELLINGS[known]
    return None


def _distance(left: str, right: str) -> int:
    """Count the edits between two words; difflib would take longer to import than all metrics together."""
    previous = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        current = [i]
        for j, b in enumerate(right, 1):
            current.append(min(previous[j] + 1, current[-1] + 1, previous[j - 1] + (a != b)))
        previous = current
    return previous[-1]


def _check_compute_value(cls: type, root: type) -> None:
    if getattr(cls, "_compute_value") is getattr(root, "_compute_value"):  # noqa: B009 - attributes of any class
        raise MetricDeclarationError(
            cls.__name__,
            "`_compute_value` is missing",
            "Define `def _compute_value(self)` and return a number or a string. "
            "If the class is only a base of others, begin its name with `_`.",
        )

    _check_signature(cls)


def _check_signature(cls: type) -> None:
    """Refuse a `_compute_value` that cannot be called without arguments, or whose result would be a coroutine."""
    compute = getattr(cls, "_compute_value")  # noqa: B009 - attributes of any class
    code = getattr(compute, "__code__", None)
    if code is None:
        return
    if code.co_flags & (_CO_COROUTINE | _CO_ASYNC_GENERATOR | _CO_GENERATOR):
        raise MetricDeclarationError(
            cls.__name__,
            "`_compute_value` is asynchronous or a generator, so that calling it computes nothing",
            "Write `def _compute_value(self)`, and return the value.",
        )
    bound = 0 if isinstance(_raw_attribute(cls, "_compute_value"), staticmethod) else 1
    required = code.co_argcount - len(compute.__defaults__ or ())
    if code.co_argcount < bound and not code.co_flags & _CO_VARARGS:
        raise MetricDeclarationError(cls.__name__, "`_compute_value` lacks `self`", "Write `def _compute_value(self)`.")
    if required > bound or code.co_kwonlyargcount > len(compute.__kwdefaults__ or {}):
        raise MetricDeclarationError(
            cls.__name__,
            "`_compute_value` has parameters, and is called without any",
            "Write `def _compute_value(self)`, and declare what it needs in `arguments`.",
        )


def _raw_attribute(cls: type, name: str) -> Any:
    return next((vars(one)[name] for one in cls.__mro__ if name in vars(one)), None)


def _check_overrides(cls: type) -> None:
    """Refuse methods by which a class of the AWS sample changes an extraction, and which nothing would call."""
    functions = [value for one in cls.__mro__ for value in vars(one).values() if hasattr(value, "__code__")]
    for name, instead in _SAMPLE_METHODS.items():
        if hasattr(cls, name) and not any(name in function.__code__.co_names for function in functions):
            raise MetricDeclarationError(cls.__name__, f"nothing calls `{name}`", instead)


def _check_attributes(cls: type) -> None:
    historical, scope = _class_attribute(cls, "historical"), _class_attribute(cls, "scope")
    if not isinstance(historical, bool):
        raise MetricDeclarationError(
            cls.__name__, f"`historical` is {historical!r}", "Write historical = True, or leave it out."
        )
    if scope not in ("region", "account"):
        raise MetricDeclarationError(
            cls.__name__, f"`scope` is {scope!r}", 'Write scope = "account", or leave it out for "region".'
        )
    texts = {name: _class_attribute(cls, name) for name in ("source", "may_read")}
    _check_cost(cls.__name__, _class_attribute(cls, "calls"), _class_attribute(cls, "usd"), texts)
    readings = _class_attribute(cls, "readings")
    if not isinstance(readings, list | tuple) or not all(isinstance(one, Reading) for one in readings):
        raise MetricDeclarationError(
            cls.__name__,
            f"`readings` is {readings!r}",
            "Write a list of readings, which are functions with the decorator @reading: readings = [endpoints].",
        )


def _check_cost(name: str, calls: Any, usd: Any, texts: Mapping[str, Any]) -> None:
    for attribute, text in {"calls": calls, **texts}.items():
        if not isinstance(text, str):
            raise MetricDeclarationError(
                name, f"`{attribute}` is {text!r}", 'Write a text for the documentation, such as "1 per 100 endpoints".'
            )
    if isinstance(usd, bool) or not isinstance(usd, int | float | Decimal) or not 0 <= usd < 1000:
        raise MetricDeclarationError(
            name, f"`usd` is {usd!r}", "Write the price of the calls of one extraction in USD, such as 0.01."
        )


def _check_texts(cls: type) -> None:
    unit = _class_attribute(cls, "unit")
    if not isinstance(unit, str) or not 0 < len(unit) <= 64:
        raise MetricDeclarationError(cls.__name__, f"the unit is {unit!r}", 'Write, for example, unit = "Count".')
    dimensions = _class_attribute(cls, "dimensions")
    if (
        isinstance(dimensions, str)
        or not isinstance(dimensions, Sequence)
        or not all(isinstance(one, str) and one for one in dimensions)
        or len(set(dimensions)) != len(dimensions)
    ):
        raise MetricDeclarationError(
            cls.__name__,
            f"`dimensions` is {dimensions!r}",
            'Write a list of different names: dimensions = ["InstanceType"].',
        )
    if len(cls.__name__) > series.MAX_NAME:
        raise MetricDeclarationError(cls.__name__, "the name is too long", f"Use at most {series.MAX_NAME} characters.")


def _register(cls: type) -> None:
    other = _declared.get(cls.__name__)
    # The same class of the same module again is a reload, as in a notebook, and replaces the one before.
    if other is not None and (other.__module__, other.__qualname__) != (cls.__module__, cls.__qualname__):
        raise MetricDeclarationError(
            cls.__name__,
            f"the name is taken by {other.__module__}.{other.__qualname__}",
            "The class name is the metric's name: choose another one.",
        )
    _declared[cls.__name__] = cls
