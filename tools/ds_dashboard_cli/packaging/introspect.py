"""The process that imports metrics and says what they declare: `python -m ds_dashboard_cli.packaging.introspect`.

Reads `{"folders": [[path, name], ...]}` from stdin and writes `{"metrics": {...}, "problems": [...]}` to stdout.
Started by `ds_dashboard_cli.packaging.introspection`, in an environment
without credentials (`ds_dashboard_cli.packaging.sandbox`).
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import os
import pkgutil
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import ds_dashboard.metrics
from ds_dashboard.metrics import Metric, declaration
from ds_dashboard_cli.packaging import description, sandbox
from ds_dashboard_cli.packaging.metric_folders import PACKAGE, Folder
from ds_dashboard_cli.packaging.problems import (
    Problem,
    own_metric_class,
    problem_of_import,
    repeated_classes,
    strange_classes,
)


class FolderFinder:
    """Finds `ds_dashboard_user` and the folders below it; what is in them Python finds by itself."""

    def __init__(self, folders: Sequence[Folder]) -> None:
        self._folders = {folder.module: folder.path for folder in folders}

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name == PACKAGE:
            return _namespace(name, [])
        here = self._folders.get(name)
        if here is None:
            return None
        initial = here / "__init__.py"
        if initial.exists():
            return importlib.util.spec_from_file_location(name, initial, submodule_search_locations=[str(here)])
        return _namespace(name, [str(here)])


def _namespace(name: str, locations: list[str]) -> ModuleSpec:
    spec = ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = locations
    return spec


def introspect(folders: Sequence[Folder]) -> dict[str, Any]:
    """Import every module with metrics and describe these; problems are collected, not raised."""
    sys.meta_path.insert(0, FolderFinder(folders))
    problems: list[Problem] = []
    metrics: dict[str, Any] = {}
    for name, path, root in _modules(folders):
        module, problem = _imported(name, path, root)
        if problem is None and module is not None:
            found, further = _described(module, path)
            metrics.update(found)
            problems.extend(further)
        elif problem is not None:
            problems.append(problem)
    return {"metrics": metrics, "problems": [problem.as_dict() for problem in problems]}


def _modules(folders: Sequence[Folder]) -> list[tuple[str, Path, Path]]:
    """Module name, file and folder of everything that is searched: what this package brings, then the user's."""
    home = Path(ds_dashboard.metrics.__file__).parent
    own = [
        (f"ds_dashboard.metrics.{module.name}", home / f"{module.name}.py", home)
        for module in pkgutil.iter_modules([str(home)])
        if not module.name.startswith("_") and f"ds_dashboard.metrics.{module.name}" != Metric.__module__
    ]
    users = [(name, path, folder.path) for folder in folders for name, path in folder.modules()]
    return own + users


def _imported(name: str, path: Path, root: Path) -> tuple[ModuleType | None, Problem | None]:
    problem = own_metric_class(path)
    if problem is not None:
        return None, problem
    try:
        return importlib.import_module(name), None
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a file raises, the user is told where
        return None, problem_of_import(error, path, root)


def _described(module: ModuleType, path: Path) -> tuple[dict[str, Any], list[Problem]]:
    metrics: dict[str, Any] = {}
    problems = strange_classes(module, path) + repeated_classes(path)
    for name, cls in declaration.declared().items():
        if cls.__module__ != module.__name__:
            continue
        line = inspect.getsourcelines(cls)[1]
        if getattr(module, name, None) is not cls:
            problems.append(Problem(path, line, f"{name} is not at the top level of its file", "Move the class there."))
            continue
        try:
            metrics[name] = description.of(cls)
        except Exception as error:  # noqa: BLE001 - an override of get_iam_permissions may raise anything
            problems.append(problem_of_import(error, path, path.parent, line, during=f"{name}.get_iam_permissions"))
    return metrics, problems


def main() -> None:
    # Files that print while they are imported must not garble the answer.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    request = json.load(sys.stdin)
    sandbox.refuse_network()
    result = introspect([Folder(Path(path), name) for path, name in request["folders"]])
    with answer:
        json.dump(result, answer)


if __name__ == "__main__":
    main()
