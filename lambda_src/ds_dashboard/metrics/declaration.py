"""Checks of a metric's class while its file is imported: a wrong declaration must not wait for the first run."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import Any

from ds_dashboard.identity import MAX_METRIC_NAME
from ds_dashboard.metrics import arguments, permissions
from ds_dashboard.metrics.errors import MetricDeclarationError

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
    _check_texts(cls)
    given = arguments.normalized(name, _class_attribute(cls, "arguments"))
    permissions.normalized(name, _class_attribute(cls, "_iam_permissions"), given)
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
    if len(cls.__name__) > MAX_METRIC_NAME:
        raise MetricDeclarationError(cls.__name__, "the name is too long", f"Use at most {MAX_METRIC_NAME} characters.")


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
