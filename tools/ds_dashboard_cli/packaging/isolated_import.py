"""The process that imports the modules of a package with nothing beside it, as a function does.

`ds_dashboard_cli.packaging.isolation` starts this file with `python -I -S`. It imports the standard library only: what
it imported from elsewhere, the package would not have to carry. It reads a request from stdin, and writes
`{"problems": [...], "notes": [...]}` to stdout, each with `module`, `name`, `file`, `line` and `cause`.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.util
import json
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

_OPTIONAL = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


class _Outside:
    """Import finder for some packages of this environment: those of the runtime, or with code for another machine."""

    def __init__(self, names: Sequence[str], path: Sequence[str]) -> None:
        self._names, self._path = set(names), list(path)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return the spec of a package, and none for modules in it, which Python itself finds."""
        return PathFinder.find_spec(name, self._path, target) if name in self._names else None


class _Removed:
    """Import finder that refuses modules of this Python's standard library that the runtime's Python does not have."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = set(names)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """Refuse a removed module, unless the package carries it.

        Raises:
            ModuleNotFoundError: the module was removed.
        """
        if name in self._names and PathFinder.find_spec(name, sys.path[:1]) is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def check(request: dict[str, Any]) -> dict[str, Any]:
    """Import the modules of a package, and look for what they import later.

    Args:
        request: `root`, the folder of the unpacked package; `modules`, those to import; `authored`, the folders in
            the root whose files authors wrote; `runtime` and `foreign`, names of packages of this environment that are
            found after the package and before it; `removed`, modules that the runtime does not have; `path`, where
            this environment has its packages.
    """
    sys.path.insert(0, request["root"])
    sys.meta_path.insert(0, _Removed(request["removed"]))
    sys.meta_path.insert(0, _Outside(request["foreign"], request["path"]))
    sys.meta_path.append(_Outside(request["runtime"], request["path"]))
    root = Path(request["root"])
    problems = [problem for name in request["modules"] if (problem := _import(name, root))]
    known = {problem["name"] for problem in problems}
    files = sorted(path for folder in request["authored"] for path in (root / folder).rglob("*.py"))
    notes = [note for path in files for note in _later_imports(path, root) if note["name"] not in known]
    return {"problems": problems, "notes": notes}


def _import(name: str, root: Path) -> dict[str, Any] | None:
    try:
        importlib.import_module(name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a file may raise anything
        own = [
            (frame.filename, frame.lineno or 1)
            for frame in traceback.extract_tb(error.__traceback__)
            if Path(frame.filename).is_relative_to(root)
        ]
        file, line = own[-1] if own else (str(root / (name.replace(".", "/") + ".py")), 1)
        missing = error.name if isinstance(error, ModuleNotFoundError) else None
        cause = "" if missing else f"{type(error).__name__}: {error}"
        return {"module": name, "name": missing, "file": _relative(file, root), "line": line, "cause": cause}
    return None


def _later_imports(path: Path, root: Path) -> Iterator[dict[str, Any]]:
    """Yield imports in the functions of a file that would fail, and that the file does not expect to fail."""
    with contextlib.suppress(SyntaxError, ValueError):
        for line, name in _in_functions(ast.parse(path.read_bytes()).body, False):
            if not _is_found(name):
                yield {"module": "", "name": name, "file": _relative(str(path), root), "line": line, "cause": ""}


def _in_functions(statements: Sequence[ast.AST], in_function: bool) -> Iterator[tuple[int, str]]:
    for one in statements:
        if isinstance(one, ast.Import) and in_function:
            yield from ((one.lineno, alias.name) for alias in one.names)
        elif isinstance(one, ast.ImportFrom) and in_function and one.level == 0 and one.module:
            yield one.lineno, one.module
        elif isinstance(one, ast.Try) and any(_is_expected(handler) for handler in one.handlers):
            continue
        else:
            inner = in_function or isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _in_functions(list(ast.iter_child_nodes(one)), inner)


def _is_expected(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or any(
        isinstance(node, ast.Name) and node.id in _OPTIONAL for node in ast.walk(handler.type)
    )


def _is_found(name: str) -> bool:
    first = name.partition(".")[0]
    try:
        return first in sys.modules or importlib.util.find_spec(first) is not None
    except (ImportError, ValueError):
        return False


def _relative(file: str, root: Path) -> str:
    return Path(file).relative_to(root).as_posix()


def _refuse_connections(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo" or (event == "socket.connect" and isinstance(arguments[1], tuple)):
        raise OSError("the network is not available during the import")


def main() -> None:
    """Answer one request."""
    # Files that print during their import must not garble the answer.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    request = json.load(sys.stdin)
    sys.addaudithook(_refuse_connections)
    result = check(request)
    with answer:
        json.dump(result, answer)


if __name__ == "__main__":
    main()
