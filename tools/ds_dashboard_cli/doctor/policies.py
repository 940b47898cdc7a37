"""Whether a policy permits something: IAM's rules, as far as the policies of an installation use them.

Of a condition that is not known here the better is assumed, so that a doctor raises no false alarm.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

Document = Mapping[str, Any]
# A value that nobody here can know, such as the caller's organization: taken for whatever a policy asks for.
ANY = "\0"


def parsed(document: str | Document | None) -> Document:
    """A policy's document, whether AWS gives it as text or as an object."""
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
    """Whether some statement allows it, and none denies it.

    Args:
        principal: `("Service", "events.amazonaws.com")`, `("AWS", arn)`, for policies of resources.
        request_context: condition keys and their values.
    """
    known = {name.lower(): value for name, value in (request_context or {}).items()}
    fitting = [
        statement
        for document in documents
        for statement in _listed(document.get("Statement"))
        if _fits(statement, action, resource, principal) and _holds(statement, known)
    ]
    effects = {statement.get("Effect") for statement in fitting}
    return "Allow" in effects and "Deny" not in effects


def like(pattern: str, text: str) -> bool:
    """Whether a text fits a pattern with `*` and `?`."""
    return bool(_compiled(pattern).fullmatch(text))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in pattern), re.DOTALL)


def _fits(statement: Mapping[str, Any], action: str, resource: str, principal: tuple[str, str] | None) -> bool:
    if principal is not None and not _names(statement.get("Principal"), principal):
        return False
    if "NotAction" in statement:
        acts = not any(like(one.lower(), action.lower()) for one in _listed(statement["NotAction"]))
    else:
        acts = any(like(one.lower(), action.lower()) for one in _listed(statement.get("Action")))
    if "NotResource" in statement:
        return acts and not any(like(one, resource) for one in _listed(statement["NotResource"]))
    # A role's trust has no resource.
    return acts and any(like(one, resource) for one in _listed(statement.get("Resource", resource)))


def _names(given: Any, principal: tuple[str, str]) -> bool:
    if given == "*":
        return True
    if not isinstance(given, Mapping):
        return False
    kind, name = principal
    words = _listed(given.get(kind))
    if kind != "AWS":
        return name in words
    account = name.split(":")[4] if name.startswith("arn:") else name
    return bool({"*", name, account} & {*words}) or any(like(f"arn:*:iam::{account}:root", word) for word in words)


def _holds(statement: Mapping[str, Any], request_context: Mapping[str, str]) -> bool:
    allowing = statement.get("Effect") == "Allow"
    return all(
        _condition(operator, request_context.get(key.lower()), [str(value) for value in _listed(values)], allowing)
        for operator, tests in (statement.get("Condition") or {}).items()
        for key, values in tests.items()
    )


def _condition(operator: str, given: str | None, values: list[str], unknown: bool) -> bool:
    name = operator.rpartition(":")[2]
    if name == "Null":
        return (given is None) == (values == ["true"])
    optional, name = name.endswith("IfExists"), name.removesuffix("IfExists")
    negated, name = "Not" in name, name.replace("Not", "")
    if name not in ("StringEquals", "StringLike", "StringEqualsIgnoreCase", "ArnEquals", "ArnLike", "Bool"):
        return unknown
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


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
