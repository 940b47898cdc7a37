"""Files of a metric folder that are not searched or not packaged, and why: their author may not have meant that."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from ds_dashboard_cli.output.files import display_path
from ds_dashboard_cli.packaging.metric_folders import IGNORED_FOLDERS, MetricFolder, is_environment, is_test

_TEST_TOOLS = {"pytest", "unittest"}


def describe(folders: Sequence[MetricFolder]) -> list[str]:
    """Return a line for each metric in a file that is skipped: file, line, reason and fix."""
    lines = []
    for folder in folders:
        searched = {path for _, path in folder.modules()}
        for path in _sources(folder.path):
            if path in searched or (reason := why(folder, path)) is None:
                continue
            lines += [
                f"{_display(folder, path)}:{line}: holds the metric {name} and is skipped: {reason}"
                for name, line in _metrics(path)
            ]
    return lines


def why_missing(folder: MetricFolder, module: Sequence[str]) -> str | None:
    """Return why a module below a folder is not packaged, with the fix; None if there is no such file or folder."""
    path = folder.path.joinpath(*module)
    existing = next((one for one in (path, path.with_suffix(".py"), *path.parents) if one.exists()), None)
    return None if existing is None or existing == folder.path else why(folder, existing)


def why(folder: MetricFolder, path: Path) -> str | None:
    """Return why a file or folder is skipped, with the fix; None if nothing in its path is."""
    relative = path.relative_to(folder.path)
    for here in [folder.path / one for one in reversed(relative.parents) if one.name] + [path]:
        if not here.is_dir():
            continue
        name = _display(folder, here)
        if here.is_symlink():
            return (
                f"{name} is a link to a folder ({os.readlink(here)}), and links to folders are not followed. Copy the "
                "folder, or pass it with a --metrics of its own."
            )
        if here.name in IGNORED_FOLDERS or here.name.startswith(".") or is_environment(here):
            return f"folders with the name or contents of {name} are not packaged. Move it to another folder."
    if is_test(path):
        return "its name is that of a test. Rename it."
    if path.name.startswith(("_", ".")):
        return f"its name begins with `{path.name[0]}`. Rename it."
    return None


def _display(folder: MetricFolder, path: Path) -> str:
    # Not where a link leads.
    return str(Path(display_path(folder.path), path.relative_to(folder.path)))


def _sources(root: Path) -> Iterator[Path]:
    """Yield the Python files of a folder, also in folders named `tests` and in linked folders."""
    for here, subfolders, names in os.walk(root):
        paths = [Path(here, name) for name in subfolders]
        subfolders[:] = [path.name for path in paths if not (_is_foreign(path) or path.is_symlink())]
        yield from sorted(Path(here, name) for name in names if name.endswith(".py") and not name.startswith("."))
        for path in sorted(paths):
            target = path.resolve()
            # A link to what is searched anyway, or to a folder around it, would lead in a circle.
            if path.is_symlink() and not (target.is_relative_to(root) or root.is_relative_to(target)):
                yield from (path / one.relative_to(target) for one in _sources(target))


def _is_foreign(path: Path) -> bool:
    return path.name.startswith(".") or path.name in ("__pycache__", "node_modules") or is_environment(path)


def _metrics(path: Path) -> list[tuple[str, int]]:
    """Return names and lines of the metrics at the top level of a file; none if the file is a test of metrics."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, OSError):
        return []
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""])
    }
    tests = any(isinstance(one, ast.FunctionDef) and one.name.startswith("test_") for one in tree.body)
    if tests or imported & _TEST_TOOLS:
        return []
    return [(one.name, one.lineno) for one in tree.body if isinstance(one, ast.ClassDef) and _is_metric(one)]


def _is_metric(cls: ast.ClassDef) -> bool:
    # A class whose name begins with `_` is a base of metrics, and so is one without this method of its own.
    bases = {base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "") for base in cls.bases}
    methods = {one.name for one in cls.body if isinstance(one, ast.FunctionDef) and not one.decorator_list}
    return "Metric" in bases and "_compute_value" in methods and not cls.name.startswith("_")
