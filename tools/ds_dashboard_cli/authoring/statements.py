"""What IAM's grammar and AWS's service authorization reference say about the statements of a policy.

AWS rejects a statement with wrong grammar. It accepts most statements that contradict the reference, and then they
allow nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ds_dashboard_cli.authoring import iam_reference

_KEYS = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}
_SID = re.compile(r"[A-Za-z0-9]*")
_ORDER = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
_OPERATORS = {
    *("Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
    *(f"{kind}{test}" for kind in ("String", "Arn") for test in ("Equals", "NotEquals", "Like", "NotLike")),
    *(f"{kind}{test}" for kind in ("Numeric", "Date") for test in _ORDER),
}


def problems(statement: Mapping[str, Any], *, of_resource: bool = False) -> list[str]:
    """Return what is wrong: grammar, unknown actions, resources that do not fit, keys that are never present.

    Args:
        statement: of a policy in JSON, or of a metric: `Action` and `Resource` may be a string or a list.
        of_resource: the policy belongs to a resource (a bus, a queue, a key, a function or a role), so that `*` and
            no resource both mean this resource.
    """
    patterns, resources = _listed(statement.get("Action")), _listed(statement.get("Resource"))
    actions = [action for pattern in patterns for action in iam_reference.expanded(pattern)]
    found = _ungrammatical(statement, resources)
    found += [f"{pattern} is no action" for pattern in patterns if not iam_reference.expanded(pattern)]
    if not of_resource:
        found += [problem for action in actions for problem in _unfit(action, resources)]
    found += [
        f"{resource} fits no action of the statement"
        for resource in resources
        if resource != "*" and not any(_named_by(action, resource) for action in actions)
    ]
    for key in [key for operator in statement.get("Condition", {}).values() for key in operator]:
        found += [
            f"{action} has no condition key {key}"
            for action in actions
            if not iam_reference.has_condition_key(action, key)
        ]
    return found


def broad_actions(statement: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the actions that a statement allows on `*`, although each request for them names a resource.

    Returns:
        Action -> the ARN patterns that the statement could name instead.
    """
    if "*" not in _listed(statement.get("Resource")):
        return {}
    actions = [action for pattern in _listed(statement.get("Action")) for action in iam_reference.expanded(pattern)]
    forms = {action: iam_reference.required_forms(action) for action in actions}
    return {action: [form for wanted in found for form in wanted] for action, found in forms.items() if found}


def _ungrammatical(statement: Mapping[str, Any], resources: Iterable[str]) -> list[str]:
    """Return why IAM would reject the statement as malformed."""
    found = [f"{key} is no part of a statement" for key in statement if key not in _KEYS]
    found += [f"{key} is empty" for key in ("Action", "Resource") if statement.get(key) in ("", [])]
    if not _SID.fullmatch(statement.get("Sid", "")):
        found.append(f"the Sid {statement['Sid']} has other characters than letters and digits")
    for resource in resources:
        service = resource.split(":", 3)[2] if resource.count(":") >= 5 else "?"
        if resource != "*" and not resource.startswith("**") and re.search(r"[*?]", service):
            found.append(f"{resource} is not the ARN of a service")
    for operator in statement.get("Condition", {}):
        test = operator.removeprefix("ForAllValues:").removeprefix("ForAnyValue:").removesuffix("IfExists")
        if test not in _OPERATORS and operator != "Null":
            found.append(f"{operator} is no operator of a condition")
    return found


def _listed(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def _unfit(action: str, resources: Iterable[str]) -> Iterator[str]:
    """Yield why no resource of a statement allows the action."""
    resources = list(resources)
    if "*" in resources:
        return
    types = iam_reference.resource_types(action)
    if not types:
        yield f"{action} supports no resource, only *"
    for wanted in iam_reference.required_forms(action) or [[one["arn"] for one in types]] * bool(types):
        if not any(iam_reference.overlap_any(wanted, resource) for resource in resources):
            yield f"{action} needs a resource like {' or '.join(wanted)}"


def _named_by(action: str, resource: str) -> bool:
    # A log group's own ARN beside the one with `:*` is useless, but usual.
    forms = [one["arn"] for one in iam_reference.resource_types(action)]
    return iam_reference.overlap_any([*forms, *(form.removesuffix(":*") for form in forms)], resource)
