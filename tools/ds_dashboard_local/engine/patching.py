"""Patches of the engine, each checked against the engine when it is applied.

A gap is a difference between AWS and the engine (ministack), and the function that patches it:

    @gap
    def rule_quota() -> None:
        \"\"\"A bus has at most 300 rules.

        AWS: ...
        Engine: ...
        \"\"\"
        wrap(eventbridge, "_put_rule", _put_rule)

The first line of the docstring is the gap's row in docs/local-cloud.md. `gaps/order.py` lists all gaps. The helpers
here are the only way to change the engine: they raise `EngineChanged` if the engine has no such name, or if a function
now takes other parameters, so that a new version of the engine fails at start and not in some later call.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class EngineChanged(RuntimeError):
    """The engine does not have what a gap patches; the message names it."""


@dataclass(frozen=True)
class Gap:
    """A difference between AWS and the engine, and its patch.

    Attributes:
        name: The gap's name, as `--without-gap` takes it.
        patch: Applies the patch.
    """

    name: str
    patch: Callable[[], None]

    def apply(self) -> None:
        """Patch the engine.

        Raises:
            EngineChanged: The engine does not have what the gap patches.
        """
        try:
            self.patch()
        except EngineChanged as error:
            raise EngineChanged(f"gap {self.name}: {error}") from None


def gap(patch: Callable[[], None]) -> Gap:
    """Declare a gap; its name is the name of the function that patches it."""
    return Gap(patch.__name__, patch)


def replace(owner: Any, name: str, replacement: Any) -> None:
    """Replace the value of `owner.name`, or the function by one with the same parameters."""
    original = _existing(owner, name)
    if inspect.isfunction(original):
        _check_parameters(owner, name, original, replacement, 0)
    setattr(owner, name, replacement)


def wrap(owner: Any, name: str, around: Callable[..., Any]) -> None:
    """Replace a function or method by `around`, which receives the original first and then its arguments."""
    original = _existing(owner, name)
    _check_parameters(owner, name, original, around, 1)
    setattr(owner, name, _bound(original, around))


def wrap_entry(owner: Any, name: str, key: str, around: Callable[..., Any]) -> None:
    """Do as `wrap` does for the function at `key` of a dictionary of the engine."""
    entries = registry(owner, name)
    if key not in entries:
        raise EngineChanged(f"{_path(owner, name)} has no entry {key!r}")
    _check_parameters(owner, f"{name}[{key!r}]", entries[key], around, 1)
    entries[key] = _bound(entries[key], around)


def registry(owner: Any, name: str) -> dict[Any, Any]:
    """Return a dictionary of the engine that a gap adds entries to."""
    found = _existing(owner, name)
    if not isinstance(found, dict):
        raise EngineChanged(f"{_path(owner, name)} is a {type(found).__name__}, not a dict")
    return found


def replace_text(owner: Any, name: str, old: str, new: str) -> None:
    """Replace `old`, which must occur exactly once, in a text of the engine."""
    text = _existing(owner, name)
    if not isinstance(text, str) or text.count(old) != 1:
        raise EngineChanged(f"{_path(owner, name)} does not contain {old.strip()!r} exactly once")
    setattr(owner, name, text.replace(old, new))


def _bound(original: Any, around: Callable[..., Any]) -> Any:
    if inspect.iscoroutinefunction(original):
        # The engine looks whether a handler is a coroutine function before it calls it.
        @functools.wraps(original)
        async def patched_coroutine(*arguments: Any, **named: Any) -> Any:
            return await around(original, *arguments, **named)

        return patched_coroutine

    @functools.wraps(original)
    def patched(*arguments: Any, **named: Any) -> Any:
        return around(original, *arguments, **named)

    return patched


def _existing(owner: Any, name: str) -> Any:
    try:
        return getattr(owner, name)
    except AttributeError:
        raise EngineChanged(f"this version of the engine has no {_path(owner, name)}") from None


def _path(owner: Any, name: str) -> str:
    return f"{getattr(owner, '__name__', owner)}.{name}"


def _check_parameters(owner: Any, name: str, original: Any, replacement: Any, skip: int) -> None:
    expected = list(inspect.signature(original).parameters)
    parameters = list(inspect.signature(replacement).parameters.values())[skip:]
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    named = [parameter.name for parameter in parameters if parameter.kind not in variadic]
    complete = len(named) == len(expected) or len(named) < len(parameters)
    if named != expected[: len(named)] or not complete:
        raise EngineChanged(f"{_path(owner, name)} takes ({', '.join(expected)}), the patch ({', '.join(named)})")
