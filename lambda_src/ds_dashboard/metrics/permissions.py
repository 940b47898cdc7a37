"""IAM statements of metrics: the AWS sample's loose form, checked and converted to one form.

A statement has `Action` and `Resource` (a string or a list), and may have `Condition` and `Sid`. `Reason` says why the
resource is `*` although the action supports others; it is for people, and not a part of the policy. Anything else is
rejected: to leave out a `NotAction` or a `Deny` would broaden the permissions that the author meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ds_dashboard import canonical_json
from ds_dashboard.metrics.errors import MetricDeclarationError

Statement = dict[str, Any]

# The permissions of every spoke, whatever metrics it has.
BASE_PERMISSIONS: list[Statement] = [
    {
        "Action": ["events:PutEvents"],
        "Resource": ["arn:**PARTITION**:events:**REGION**:**ACCOUNT_ID**:event-bus/**EVENT_BUS**"],
    }
]

PLACEHOLDERS = ("ACCOUNT_ID", "REGION", "PARTITION", "EVENT_BUS", "PROJECT_NAME", "ENVIRONMENT")
FILTERS = ("no-leading-slash",)

# In an ARN, these match more than the one resource that an argument names.
WILDCARD = re.compile(r"[*?]|\$\{")

_ACTION = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
_RESOURCE = re.compile(r"\*|(arn:|\*\*).+", re.DOTALL)
_SID = re.compile(r"[A-Za-z0-9]+")
_REASON = "Reason"


def normalized(class_name: str, statements: Any, arguments: Mapping[str, Mapping[str, Any]] = {}) -> list[Statement]:
    """Convert statements to sorted lists under `Action` and `Resource`, without `Effect` and without duplicates.

    Args:
        class_name: the metric's class, for messages.
        statements: the class's `_iam_permissions`.
        arguments: the specifications of the arguments that the placeholder `**ARG:<name>**` may use. Where an optional
            argument is not given and has no default, the placeholder becomes `*`.

    Raises:
        MetricDeclarationError: IAM would reject a statement, or a statement has a part that the modules do not read.
    """
    if not isinstance(statements, list | tuple):
        raise MetricDeclarationError(
            class_name,
            f"`_iam_permissions` is a {type(statements).__name__}, not a list",
            "Write `_iam_permissions = Metric._iam_permissions + [{...}]`.",
        )
    known = {*PLACEHOLDERS, *(f"ARG:{name}" for name in arguments)}
    # In most conditions, `*` is a character like any other, and the statement would allow nothing.
    absent = {name for name, spec in arguments.items() if not spec["required"] and spec.get("default") is None}
    known_in_conditions = known - {f"ARG:{name}" for name in absent}
    result: list[Statement] = []
    for statement in statements:
        # By value: in a text, an enum with texts would be the name of its member.
        one = mapped_strings(_normalized_statement(class_name, statement), canonical_json.exact_text)
        mapped_strings(one.get("Condition"), lambda text: _checked_placeholders(class_name, text, known_in_conditions))
        mapped_strings(one, lambda text: _checked_placeholders(class_name, text, known))
        if one not in result:
            result.append(one)
    for name in placeholders(result):
        argument = name.removeprefix("ARG:")
        if name != argument and WILDCARD.search(str(arguments[argument].get("default"))):
            raise MetricDeclarationError(
                class_name,
                f"the default {arguments[argument]['default']!r} of the argument {argument} is a part of permissions",
                "Leave out the default and write `required: False`: then the permissions are as broad as `*`.",
            )
    return result


def wildcard_reasons(statements: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the reasons in statements, by action, sorted."""
    found: dict[str, str] = {}
    for statement in statements:
        if _REASON in statement:
            actions = statement["Action"]
            found |= dict.fromkeys([actions] if isinstance(actions, str) else actions, statement[_REASON])
    return dict(sorted(found.items()))


def for_iam(statement: Statement) -> Statement:
    """Return a statement without what is not a part of a policy."""
    return {key: value for key, value in statement.items() if key != _REASON}


def placeholders(statements: Any) -> set[str]:
    """Return the placeholders in statements, such as `REGION` and `ARG:parameter_name`, without filters."""
    found: set[str] = set()

    def collect(text: str) -> str:
        found.update(piece.partition("|")[0] for piece in text.split("**")[1::2])
        return text

    mapped_strings(statements, collect)
    return found


def mapped_strings(value: Any, change: Callable[[str], str]) -> Any:
    """Return the same structure of dicts and lists, with each string (keys, too) replaced by `change(string)`."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {mapped_strings(key, change): mapped_strings(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mapped_strings(item, change) for item in value]
    return value


def _normalized_statement(class_name: str, statement: Any) -> Statement:
    if not isinstance(statement, Mapping):
        raise MetricDeclarationError(
            class_name,
            f"a statement is a {type(statement).__name__}, not a dict: {statement!r}",
            'Write {"Action": "service:Action", "Resource": "*"}.',
        )
    for key, value in statement.items():
        if key == "Effect" and value != "Allow":
            raise MetricDeclarationError(
                class_name, f"a statement has Effect {value!r}", "Metrics can only allow: leave the statement out."
            )
        if key not in ("Action", "Resource", "Condition", "Sid", "Effect", _REASON):
            raise MetricDeclarationError(
                class_name,
                f"a statement has the key {key!r}",
                "Use Action, Resource, and optionally Condition, Sid and Reason: list what the metric may do.",
            )
        if key == _REASON and not (isinstance(value, str) and value.strip()):
            raise MetricDeclarationError(
                class_name, f"the Reason {value!r} is not a text", "Say why the resource is `*`, or remove it."
            )
    result: Statement = {}
    if "Sid" in statement:
        if not (isinstance(statement["Sid"], str) and _SID.fullmatch(statement["Sid"])):
            raise MetricDeclarationError(
                class_name, f"the Sid {statement['Sid']!r} is not valid", "Use letters and digits."
            )
        result["Sid"] = statement["Sid"]
    result["Action"] = _strings(class_name, statement, "Action")
    result["Resource"] = _strings(class_name, statement, "Resource")
    for action in result["Action"]:
        if not _ACTION.fullmatch(action) or action.endswith(":*"):
            raise MetricDeclarationError(
                class_name,
                f"{action!r} is not an action",
                "Write each call of the metric as service:Action, for example sagemaker:ListEndpoints.",
            )
    for resource in result["Resource"]:
        if not _RESOURCE.fullmatch(resource):
            raise MetricDeclarationError(
                class_name,
                f"{resource!r} is not a resource",
                'Write an ARN, for example "arn:**PARTITION**:ssm:**REGION**:**ACCOUNT_ID**:parameter/name", or "*".',
            )
    if "Condition" in statement:
        condition = statement["Condition"]
        if not isinstance(condition, Mapping) or not all(isinstance(test, Mapping) for test in condition.values()):
            raise MetricDeclarationError(
                class_name,
                f"the Condition {condition!r} has the wrong shape",
                'Write {"StringEquals": {"aws:RequestedRegion": "**REGION**"}}.',
            )
        if condition:
            result["Condition"] = condition
    return result


def _strings(class_name: str, statement: Mapping[str, Any], key: str) -> list[str]:
    value = statement.get(key)
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list | tuple) or not values or not all(isinstance(one, str) and one for one in values):
        fault = (
            f"a statement has no {key}" if value is None else f"the {key} {value!r} is not a string or a list of them"
        )
        raise MetricDeclarationError(class_name, fault, 'Write {"Action": "sagemaker:ListEndpoints", "Resource": "*"}.')
    return sorted(set(values))


def _checked_placeholders(class_name: str, text: str, known: set[str]) -> str:
    # Terraform splits a text at `**` to replace placeholders: every odd piece is a name.
    pieces = text.split("**")
    if len(pieces) % 2 == 0:
        raise MetricDeclarationError(
            class_name, f"{text!r} has a `**` without a partner", "`**` encloses placeholders; a wildcard is one `*`."
        )
    for piece in pieces[1::2]:
        name, _, chosen_filter = piece.partition("|")
        if name not in known or (chosen_filter and chosen_filter not in FILTERS) or piece.endswith("|"):
            raise MetricDeclarationError(
                class_name,
                f"{text!r} has the placeholder **{piece}**, which nothing replaces",
                f"Use {', '.join(f'**{one}**' for one in sorted(known))}, each optionally with "
                f"|{FILTERS[0]}. **ARG:name** needs an argument of that name in `arguments`, and in a "
                "Condition one that is required or has a default.",
            )
    return text
