"""Problems in the file of a metric: file, line, cause and fix."""

from __future__ import annotations

import ast
import re
import traceback
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from ds_dashboard.metrics import Metric, MetricDeclarationError
from ds_dashboard.shell import command
from ds_dashboard_cli.output.files import display_path
from ds_dashboard_cli.packaging.sandbox import NetworkBlocked

_DERIVE = "Write `from ds_dashboard.metrics import Metric` and derive from that class."


@dataclass(frozen=True)
class Problem:
    """A problem at a line of a file, and how to fix it."""

    file: Path
    line: int
    cause: str
    fix: str

    def as_dict(self) -> dict[str, Any]:
        """Return the problem in the form that JSON can hold."""
        return {**asdict(self), "file": str(self.file)}


def located(problem: Mapping[str, Any]) -> str:
    """Return a problem, in the form of `as_dict`, as a line that begins with file and line."""
    path = display_path(Path(problem["file"]))
    return f"{path}:{problem['line']}: {problem['cause'].rstrip('.')}. {problem['fix']}".rstrip()


def find_own_metric_class(path: Path) -> Problem | None:
    """Return a problem if a file defines its own `Metric`, as the AWS sample does: its metrics would not be found."""
    line = dict(top_level_classes(path)).get("Metric")
    if line is None:
        return None
    return Problem(path, line, "the file defines its own `Metric` class", f"Remove it. {_DERIVE}")


def find_repeated_classes(path: Path) -> list[Problem]:
    """Return a problem for each top-level class whose name the file uses twice: it would silently replace the first."""
    first: dict[str, int] = {}
    problems = []
    for name, line in top_level_classes(path):
        if name in first:
            cause = f"{name}: the name is taken by the class in line {first[name]}"
            problems.append(Problem(path, line, cause, "The class name is the metric's name: choose another one."))
        first.setdefault(name, line)
    return problems


def find_foreign_metrics(module: ModuleType, path: Path) -> list[Problem]:
    """Return a problem for each class that looks like a metric and derives from another `Metric`."""
    lines = dict(top_level_classes(path))
    return [
        Problem(path, lines.get(name, 1), f"{name} looks like a metric and does not derive from `Metric`", _DERIVE)
        for name, cls in vars(module).items()
        if isinstance(cls, type)
        and cls.__module__ == module.__name__
        and not issubclass(cls, Metric)
        and hasattr(cls, "_compute_value")
        and hasattr(cls, "_iam_permissions")
    ]


def top_level_classes(path: Path) -> list[tuple[str, int]]:
    """Return names and lines of a file's top-level classes; none for invalid Python, which the import reports."""
    try:
        body = ast.parse(path.read_bytes()).body
    except (SyntaxError, ValueError):
        return []
    return [(statement.name, statement.lineno) for statement in body if isinstance(statement, ast.ClassDef)]


def explain_error(error: BaseException, path: Path, root: Path, line: int = 1, during: str = "the import") -> Problem:
    """Turn an exception of an author's code into a problem.

    Args:
        error: the exception.
        path: the file that was imported.
        root: the folder that contains the author's files.
        line: the line to report if the exception did not pass through one of these files.
        during: what was running.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return Problem(Path(error.filename), error.lineno or 1, f"is not valid Python: {error.msg}", "Correct it.")
    file, line = _innermost_line(error, path, root, line)
    if isinstance(error, MetricDeclarationError):
        return Problem(file, line, f"{error.class_name}: {error.fault}", error.fix)
    if isinstance(error, NetworkBlocked):
        return Problem(
            file, line, f"{error} during {during}", "Move it into _compute_value: the manifest needs no credentials."
        )
    if isinstance(error, ModuleNotFoundError) and error.name:
        return Problem(file, line, f"module {error.name} not found", _fix_missing_module(error.name, file, line, root))
    return Problem(
        file,
        line,
        f"{type(error).__name__}: {error} (during {during})",
        "This code must run without credentials, profile, region or the function's environment variables; "
        "move what needs them into _compute_value.",
    )


def _fix_missing_module(name: str, file: Path, line: int, root: Path) -> str:
    first = name.partition(".")[0]
    # One dot for the folder of the file, and one more for each folder up to that of the metrics.
    dots = "." * len(file.relative_to(root).parts) if file.is_relative_to(root) else "."
    if _has_module(root, first):
        example = f"`from {dots} import {first}` or `from {dots}{first} import ...`"
        return f"It is in the folder of the metrics: import it with {example}."
    inner = _written_name(file, line, first).partition(".")[2]
    if first == root.name and (not inner or _has_module(root, inner.partition(".")[0])):
        return (
            f"{first} is the folder of the metrics, which has another name in the package: write "
            f"`from {dots}{inner} import ...`."
        )
    if first in ("metric", "metrics"):
        return _DERIVE
    return f"Install it here as well ({command('pip', 'install', first)}), and package it with --requirements."


def _written_name(file: Path, line: int, first: str) -> str:
    """Return the whole name of a module in an import: the error has only the part that was not found."""
    try:
        text = file.read_text(encoding="utf-8").splitlines()[line - 1]
    except (OSError, UnicodeDecodeError, IndexError):
        return first
    found = re.search(rf"\b{re.escape(first)}[\w.]*", text)
    return found[0] if found else first


def _has_module(folder: Path, name: str) -> bool:
    return (folder / f"{name}.py").exists() or (folder / name).is_dir()


def _innermost_line(error: BaseException, path: Path, root: Path, line: int) -> tuple[Path, int]:
    frames = [
        (Path(frame.filename), frame.lineno or 1)
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(root)
    ]
    return frames[-1] if frames else (path, line)
