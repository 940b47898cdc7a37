"""What is wrong with a metric's file, with file and line."""

from __future__ import annotations

import ast
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from ds_dashboard.metrics import Metric, MetricDeclarationError
from ds_dashboard_cli.packaging.sandbox import NetworkRefused

_DERIVE = "Write `from ds_dashboard.metrics import Metric` and derive from that."


@dataclass(frozen=True)
class Problem:
    """One fault in one place, and its cure."""

    file: Path
    line: int
    fault: str
    cure: str

    def as_dict(self) -> dict[str, Any]:
        return {"file": str(self.file), "line": self.line, "fault": self.fault, "cure": self.cure}


def own_metric_class(path: Path) -> Problem | None:
    """A file that brings its own `Metric`, as the sample's does: its classes would never be found."""
    line = dict(_class_statements(path)).get("Metric")
    if line is None:
        return None
    return Problem(path, line, "the file brings its own `Metric` class", f"Take it out. {_DERIVE}")


def repeated_classes(path: Path) -> list[Problem]:
    """Report top-level classes whose name the file uses twice: the second would silently replace the first."""
    first: dict[str, int] = {}
    problems = []
    for name, line in _class_statements(path):
        if name in first:
            fault = f"{name}: the name is taken by the class in line {first[name]}"
            problems.append(Problem(path, line, fault, "The class name is the metric's name: choose another one."))
        first.setdefault(name, line)
    return problems


def strange_classes(module: ModuleType, path: Path) -> list[Problem]:
    """Classes that look like metrics and derive from some other `Metric`."""
    lines = dict(_class_statements(path))
    fault = "looks like a metric and does not derive from ds_dashboard's `Metric`"
    return [
        Problem(path, lines.get(name, 1), f"{name} {fault}", _DERIVE)
        for name, cls in vars(module).items()
        if isinstance(cls, type)
        and cls.__module__ == module.__name__
        and not issubclass(cls, Metric)
        and hasattr(cls, "_compute_value")
        and hasattr(cls, "_iam_permissions")
    ]


def _class_statements(path: Path) -> list[tuple[str, int]]:
    """Return names and lines of a file's top-level classes; none if the file is not valid Python."""
    try:
        body = ast.parse(path.read_bytes()).body
    except (SyntaxError, ValueError):
        return []
    return [(statement.name, statement.lineno) for statement in body if isinstance(statement, ast.ClassDef)]


def problem_of_import(
    error: BaseException, path: Path, root: Path, line: int = 1, during: str | None = None
) -> Problem:
    """What an exception while a file was imported (or `during` something else) means to its author."""
    if isinstance(error, SyntaxError) and error.filename:
        return Problem(Path(error.filename), error.lineno or 1, f"is not valid Python: {error.msg}", "Correct it.")
    file, line = _place(error, path, root, line)
    if isinstance(error, MetricDeclarationError):
        return Problem(file, line, f"{error.class_name}: {error.fault}", error.fix)
    doing = during or "the file is imported"
    if isinstance(error, NetworkRefused):
        return Problem(
            file, line, f"{error} while {doing}", "Move it into _compute_value: the manifest needs no credentials."
        )
    if isinstance(error, ModuleNotFoundError) and error.name:
        return Problem(file, line, f"there is no module {error.name}", _cure_of_missing_module(error.name, root))
    return Problem(
        file,
        line,
        f"{type(error).__name__}: {error} (while {doing})",
        "It must work without credentials, profile, region or the Lambda's environment; "
        "what needs these belongs into _compute_value.",
    )


def _cure_of_missing_module(name: str, root: Path) -> str:
    first = name.partition(".")[0]
    if (root / f"{first}.py").exists() or (root / first).is_dir():
        return f"It is beside this file: import it with `from . import {first}` or `from .{first} import ...`."
    if first in ("metric", "metrics"):
        return _DERIVE
    return f"Install it here too (pip install {first}), and package it with --requirements."


def _place(error: BaseException, path: Path, root: Path, line: int) -> tuple[Path, int]:
    """The last line of the user's own files that the exception went through."""
    frames = [
        (Path(frame.filename), frame.lineno or 1)
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(root)
    ]
    return frames[-1] if frames else (path, line)
