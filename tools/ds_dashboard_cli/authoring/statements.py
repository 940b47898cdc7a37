"""What AWS's service authorization reference says about the statements of a policy.

AWS accepts most statements that contradict the reference, and then they allow nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ds_dashboard_cli.authoring import iam_reference


def problems(statement: Mapping[str, Any], *, of_resource: bool = False) -> list[str]:
    """Return what contradicts the reference: unknown actions, resources that do not fit, keys that are never present.

    Args:
        statement: of a policy in JSON, or of a metric: `Action` and `Resource` may be a string or a list.
        of_resource: the policy belongs to a resource (a bus, a queue, a key, a function or a role), so that `*` and
            no resource both mean this resource.
    """
    patterns, resources = _listed(statement.get("Action")), _listed(statement.get("Resource"))
    actions = [action for pattern in patterns for action in iam_reference.expanded(pattern)]
    found = [f"{pattern} is no action" for pattern in patterns if not iam_reference.expanded(pattern)]
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
