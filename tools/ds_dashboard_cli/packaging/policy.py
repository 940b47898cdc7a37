"""The IAM policy that `modules/spoke` makes from a choice of metrics, from the same manifest.

`modules/spoke/permissions.tf` is the original: a test compares both.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from ds_dashboard.metrics import permissions
from ds_dashboard.metrics.permissions import Statement
from ds_dashboard_cli.errors import UserError

_FAMILY = "@"


class Instance(NamedTuple):
    """A metric with its arguments, as an entry of `metric_instances`."""

    class_name: str
    arguments: Mapping[str, str]


def expand(names: Iterable[str], metrics: Mapping[str, Any], as_in_a_spoke: bool = False) -> list[str]:
    """Return the names of metrics in a choice, each once; `@inference` stands for all metrics of the family.

    Args:
        names: names of metrics and families.
        metrics: the manifest's entries.
        as_in_a_spoke: a family stands for its metrics without required arguments, as in `metrics` of modules/spoke.

    Raises:
        UserError: there is no such metric or family, or all metrics of a family are left out.
    """
    families = sorted({entry["family"] for entry in metrics.values() if "family" in entry})
    found: dict[str, None] = {}
    for name in names:
        family = name.removeprefix(_FAMILY)
        if name.startswith(_FAMILY) and family in families:
            members = [one for one, entry in metrics.items() if entry.get("family") == family]
            left = [one for one in members if not (as_in_a_spoke and _needs_arguments(metrics[one]))]
            if not left:
                raise UserError(
                    f"family {family}", "has only metrics that need arguments.", f"Name them: {', '.join(members)}"
                )
            found |= dict.fromkeys(left)
        elif name.startswith(_FAMILY):
            raise UserError(f"family {family}", "does not exist.", f"The families are: {', '.join(families)}")
        elif name in metrics:
            found[name] = None
        else:
            near = get_close_matches(name, metrics, n=3)
            remedy = f"Did you mean {' or '.join(near)}?" if near else "List all metrics with: ds-dashboard metrics"
            raise UserError(f"metric {name}", "does not exist.", remedy)
    return list(found)


def _needs_arguments(entry: Mapping[str, Any]) -> bool:
    return any(spec["required"] for spec in entry["arguments"].values())


def instances(
    names: Iterable[str], arguments: Mapping[str, Mapping[str, Sequence[str]]], metrics: Mapping[str, Any]
) -> list[Instance]:
    """Return an instance of each metric, or several if an argument has several values.

    Args:
        names: the metrics.
        arguments: metric -> argument -> values.
        metrics: the manifest's entries.

    Raises:
        UserError: a metric is not in the choice, or does not have an argument, or a value is not one resource.
    """
    chosen = list(names)
    for name, given in arguments.items():
        if name not in chosen:
            raise UserError(f"--argument {name}", "is not an argument of a chosen metric.", f"Add {name} to the names.")
        _check(name, given, metrics[name])
    return [
        Instance(name, dict(zip(arguments.get(name, {}), values, strict=True)))
        for name in chosen
        for values in itertools.product(*arguments.get(name, {}).values())
    ]


def _check(name: str, given: Mapping[str, Sequence[str]], entry: Mapping[str, Any]) -> None:
    known = entry["arguments"]
    in_permissions = permissions.placeholders(entry["permissions"])
    for argument, values in given.items():
        if argument not in known:
            remedy = f"Its arguments are: {', '.join(known)}." if known else "It has none."
            raise UserError(f"metric {name}", f"has no argument {argument}.", remedy)
        for value in values:
            if f"ARG:{argument}" in in_permissions and permissions.WILDCARD.search(value):
                raise UserError(
                    f"argument {name}.{argument}",
                    f"{value!r} is part of the permissions, and matches more than one resource.",
                    "Use a value without wildcards (*, ?) and policy variables. Repeat --argument for several values.",
                )


def build(document: Mapping[str, Any], chosen: Iterable[Instance], values: Mapping[str, str]) -> dict[str, Any]:
    """Return the policy of a choice of metrics. Placeholders without a value stay.

    Args:
        document: the manifest.
        chosen: the metrics with their arguments.
        values: the values of placeholders: `ACCOUNT_ID`, `REGION`, `PARTITION`, `EVENT_BUS`, `PROJECT_NAME` and
            `ENVIRONMENT`.
    """
    statements = list(_filled(document.get("base_permissions", []), values))
    for instance in chosen:
        entry = document["metrics"][instance.class_name]
        statements += _filled(entry["permissions"], {**values, **_argument_values(entry["arguments"], instance)})
    return {"Version": "2012-10-17", "Statement": _merged(statements)}


def _argument_values(declared: Mapping[str, Mapping[str, Any]], instance: Instance) -> dict[str, str]:
    values: dict[str, str] = {}
    for argument, spec in declared.items():
        default = spec.get("default")
        if argument in instance.arguments:
            values[f"ARG:{argument}"] = instance.arguments[argument]
        elif default is not None:
            values[f"ARG:{argument}"] = default if isinstance(default, str) else json.dumps(default)
        elif not spec["required"]:
            # The permissions are as broad as the metric without the argument.
            values[f"ARG:{argument}"] = "*"
    return values


def _filled(statements: Iterable[Statement], values: Mapping[str, str]) -> Iterator[Statement]:
    def fill(text: str) -> str:
        pieces = text.split("**")
        return "".join(piece if i % 2 == 0 else _value(piece, values) for i, piece in enumerate(pieces))

    for statement in statements:
        yield permissions.mapped_strings(statement, fill)


def _value(placeholder: str, values: Mapping[str, str]) -> str:
    name, _, chosen_filter = placeholder.partition("|")
    if name not in values:
        return f"**{placeholder}**"
    return re.sub("^/+", "", values[name]) if chosen_filter == "no-leading-slash" else values[name]


def _merged(statements: Iterable[Statement]) -> list[Statement]:
    """Merge statements first by resources, then by actions. Both keep exactly the declared permissions."""
    by_resources: dict[str, set[str]] = {}
    for statement in statements:
        key = _key(_listed(statement["Resource"]), statement.get("Condition"))
        by_resources.setdefault(key, set()).update(_listed(statement["Action"]))
    by_actions: dict[str, set[str]] = {}
    for key, actions in by_resources.items():
        resources, condition = json.loads(key)
        by_actions.setdefault(_key(actions, condition), set()).update(resources)
    merged = []
    for key in sorted(by_actions):
        actions, condition = json.loads(key)
        one = {"Action": actions, "Effect": "Allow", "Resource": sorted(by_actions[key])}
        merged.append(one if condition is None else {**one, "Condition": condition})
    return merged


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _key(texts: Iterable[str], condition: Any) -> str:
    return json.dumps([sorted(set(texts)), condition], separators=(",", ":"), sort_keys=True, ensure_ascii=False)
