"""Evaluation of policies, by the rules of IAM that the policies of an installation use.

A condition with an unknown operator, and one of a Deny about an unknown key, counts as the better case, so that the
doctor reports no false problem.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

Document = Mapping[str, Any]
# A value that is unknown here, such as the caller's organization: it counts as equal to whatever a policy requires.
ANY = "\0"


def parse(document: str | Document | None) -> Document:
    """Parse a policy document, which AWS returns as text or as an object; None gives an empty document."""
    if not document:
        return {}
    found: Document = json.loads(document) if isinstance(document, str) else document
    return found


def allows(
    documents: Iterable[Document],
    action: str,
    resource: str = "*",
    *,
    principal: tuple[str, str] | None = None,
    request_context: Mapping[str, str] | None = None,
) -> bool:
    """Return whether a statement allows an action and no statement denies it.

    Args:
        documents: the policies.
        action: the action, such as `sqs:SendMessage`.
        resource: the ARN of the resource.
        principal: for resource policies, `("Service", "events.amazonaws.com")` or `("AWS", arn)`.
        request_context: condition keys and their values.
    """
    known = {name.lower(): value for name, value in (request_context or {}).items()}
    matching = [
        statement
        for document in documents
        for statement in statements(document)
        if _applies(statement, action, resource, principal) and _conditions_hold(statement, known)
    ]
    effects = {statement.get("Effect") for statement in matching}
    return "Allow" in effects and "Deny" not in effects


def denies(document: Document, action: str, resource: str, *, request_context: Mapping[str, str] | None = None) -> bool:
    """Return whether a statement of a role's policy explicitly denies an action on a resource."""
    known = {name.lower(): value for name, value in (request_context or {}).items()}
    return any(
        statement.get("Effect") == "Deny"
        and _applies(statement, action, resource, None)
        and _conditions_hold(statement, known)
        for statement in statements(document)
    )


def statements(document: Document) -> list[Mapping[str, Any]]:
    """Return the statements of a document, which can have one statement without a list."""
    return _as_list(document.get("Statement"))


def actions(statement: Mapping[str, Any]) -> list[str]:
    """Return the actions of a statement; none if it has `NotAction`."""
    return [str(action) for action in _as_list(statement.get("Action"))]


def like(pattern: str, text: str) -> bool:
    """Return whether a text matches a pattern with `*` and `?`."""
    return bool(_compiled(pattern).fullmatch(text))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in pattern), re.DOTALL)


def _applies(statement: Mapping[str, Any], action: str, resource: str, principal: tuple[str, str] | None) -> bool:
    if principal is not None and not _matches_principal(statement.get("Principal"), principal):
        return False
    if "NotAction" in statement:
        acts = not any(like(one.lower(), action.lower()) for one in _as_list(statement["NotAction"]))
    else:
        acts = any(like(one.lower(), action.lower()) for one in _as_list(statement.get("Action")))
    if "NotResource" in statement:
        return acts and not any(like(one, resource) for one in _as_list(statement["NotResource"]))
    # A trust policy has no resource.
    return acts and any(like(one, resource) for one in _as_list(statement.get("Resource", resource)))


def _matches_principal(given: Any, principal: tuple[str, str]) -> bool:
    if given == "*":
        return True
    if not isinstance(given, Mapping):
        return False
    kind, name = principal
    words = _as_list(given.get(kind))
    if kind != "AWS":
        return name in words
    account = name.split(":")[4] if name.startswith("arn:") else name
    return bool({"*", name, account} & {*words}) or any(like(f"arn:*:iam::{account}:root", word) for word in words)


def _conditions_hold(statement: Mapping[str, Any], request_context: Mapping[str, str]) -> bool:
    allows = statement.get("Effect") == "Allow"
    return all(
        _condition_holds(operator, request_context.get(key.lower()), [str(value) for value in _as_list(values)], allows)
        for operator, tests in (statement.get("Condition") or {}).items()
        for key, values in tests.items()
    )


def _condition_holds(operator: str, given: str | None, values: list[str], if_unknown: bool) -> bool:
    name = operator.rpartition(":")[2]
    if given is None and not if_unknown:
        # A Deny of requests from other organizations, for example: AWS knows the key, and the doctor does not.
        return False
    if name == "Null":
        return (given is None) == (values == ["true"])
    optional, name = name.endswith("IfExists"), name.removesuffix("IfExists")
    negated, name = "Not" in name, name.replace("Not", "")
    if name not in ("StringEquals", "StringLike", "StringEqualsIgnoreCase", "ArnEquals", "ArnLike", "Bool"):
        return if_unknown
    if given is None:
        return optional or negated
    if given == ANY:
        return not negated
    if name == "StringEquals":
        found = given in values
    elif name in ("StringEqualsIgnoreCase", "Bool"):
        found = given.lower() in [value.lower() for value in values]
    else:
        found = any(like(value, given) for value in values)
    return found != negated


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
