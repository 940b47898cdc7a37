"""The parts of a policy that could be taken away, and taking them away for a while."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.journey.polling import eventually

from .policies import Policy, Statements


@dataclass(frozen=True)
class Part:
    """What is taken away, and what is left without it."""

    told: str
    left: Statements


def parts(statements: Statements) -> Iterator[Part]:
    """Each action, resource and principal of each statement; the statement itself where it has one of each."""
    for index, statement in enumerate(statements):
        for key in ("Action", "Resource", "Principal"):
            values = _listed(statement.get(key))
            for value in values if len(values) > 1 or key == "Action" else ():
                left = copy.deepcopy(statements)
                if len(values) > 1:
                    _set(left[index], key, [other for other in values if other != value])
                else:
                    del left[index]
                resource = f" on {', '.join(_listed(statement.get('Resource')))}" if key == "Action" else ""
                yield Part(f"{value}{resource}", left)


def _listed(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [one for named in value.values() for one in _listed(named)]
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def _set(statement: dict[str, Any], key: str, values: list[str]) -> None:
    statement[key] = {next(iter(statement[key])): values} if isinstance(statement[key], dict) else values


@contextmanager
def having(policy: Policy, statements: Statements) -> Iterator[None]:
    """These statements in place of the policy's own, which are there again afterwards."""
    before = policy.read()
    policy.write(statements)
    try:
        yield
    finally:
        policy.write(before)
        eventually(lambda: policy.read() == before, f"the statements of {policy.name} as they were")


@contextmanager
def without(policy: Policy, word: str) -> Iterator[None]:
    """The policy without those of its statements that have `word` in them."""
    with having(policy, [one for one in policy.read() if word not in json.dumps(one)]):
        yield
