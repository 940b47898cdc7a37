"""What a folder of Terraform sources declares: its variables and outputs, read with an HCL parser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hcl2

REQUIRED = object()


@dataclass(frozen=True, slots=True)
class Variable:
    """An input: its type as written, and its default, `REQUIRED` where there is none."""

    name: str
    description: str
    type: str
    default: Any


@dataclass(frozen=True, slots=True)
class Output:
    """A value that callers can read."""

    name: str
    description: str


def variables(folder: Path) -> list[Variable]:
    """The variables of a module, those that must be given first, then by name."""
    found = [
        Variable(
            name,
            _text(body["description"]),
            _expression(body["type"]),
            _value(body["default"]) if "default" in body else REQUIRED,
        )
        for name, body in _blocks(folder, "variable")
    ]
    return sorted(found, key=lambda variable: (variable.default is not REQUIRED, variable.name))


def outputs(folder: Path) -> list[Output]:
    """The outputs of a module, by name."""
    found = [Output(name, _text(body["description"])) for name, body in _blocks(folder, "output")]
    return sorted(found, key=lambda output: output.name)


def _blocks(folder: Path, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted(folder.glob("*.tf")):
        text = file.read_text(encoding="utf-8")
        # Parsing is slow, and most files have neither.
        if f'\n{kind} "' not in f"\n{text}":
            continue
        for block in hcl2.loads(text).get(kind, []):
            for name, body in block.items():
                yield _text(name), body


def _text(literal: str) -> str:
    """A quoted string of HCL, which escapes as JSON does, but for templates."""
    text: str = json.loads(literal)
    return text.replace("$${", "${").replace("%%{", "%{")


def _expression(value: str) -> str:
    return value[2:-1] if value.startswith("${") else value


def _value(default: Any) -> Any:
    """The default as JSON has it; the parser keeps quotes around strings."""
    if isinstance(default, str):
        return _text(default) if default.startswith('"') else default
    if isinstance(default, list):
        return [_value(one) for one in default]
    if isinstance(default, dict):
        return {_text(key) if key.startswith('"') else key: _value(value) for key, value in default.items()}
    return default
