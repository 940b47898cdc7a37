"""Folders with metrics outside this repository, given with `--metrics`.

Their files are imported and packaged as `ds_dashboard_user.<folder>.<file>`. The folders are not added to `sys.path`,
where a file named `queue.py` would replace the standard library's and break boto3.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.packaging.checkout import lambda_sources

PACKAGE = "ds_dashboard_user"
IGNORED_FOLDERS = {"__pycache__", "node_modules", "tests", "venv"}


@dataclass(frozen=True)
class MetricFolder:
    """A folder with metrics, and its name below `ds_dashboard_user`."""

    path: Path
    name: str

    @property
    def module(self) -> str:
        """The folder's module name."""
        return f"{PACKAGE}.{self.name}"

    def modules(self) -> list[tuple[str, Path]]:
        """List module name and file of everything to search for metrics, sorted.

        Files that begin with `_` are not searched; other files can import them.

        Raises:
            UserError: a file or folder cannot be imported or packaged.
        """
        found = []
        for path in self.files():
            if path.suffix == ".py" and not path.name.startswith("_"):
                parts = path.relative_to(self.path).with_suffix("").parts
                if any("." in part for part in parts):
                    raise UserError(
                        str(path), "Python cannot import a file or folder with a dot in its name.", "Rename it."
                    )
                found.append((".".join((self.module, *parts)), path))
        return found

    def files(self) -> list[Path]:
        """List all files to package, sorted; skips tests, hidden files, bytecode and virtual environments.

        Raises:
            UserError: a file or folder cannot be read or packaged.
        """
        return sorted(self._iter_files(), key=lambda path: os.fsencode(path.relative_to(self.path)))

    def tests(self) -> list[tuple[str, Path]]:
        """List module name and file of every test, sorted, also in folders named `tests`."""
        return sorted(
            (".".join((self.module, *path.relative_to(self.path).with_suffix("").parts)), path)
            for path in self._walk(IGNORED_FOLDERS - {"tests"})
            if path.name.startswith("test_") and path.suffix == ".py" and path.name.count(".") == 1
        )

    def _iter_files(self) -> Iterator[Path]:
        for path in self._walk(IGNORED_FOLDERS):
            if not is_test(path):
                _check_packageable(path)
                yield path

    def _walk(self, ignored: set[str]) -> Iterator[Path]:
        for here, subfolders, names in os.walk(self.path, onerror=_raise_unreadable):
            subfolders[:] = [
                name
                for name in subfolders
                if not name.startswith(".") and name not in ignored and not is_environment(Path(here, name))
            ]
            for name in names:
                path = Path(here, name)
                hidden = name.startswith(".") or name.endswith((".pyc", ".pyo", "~"))
                if not hidden and path.is_file():
                    yield path


def is_test(path: Path) -> bool:
    """Return whether a file is a test, or a part of tests, by its name."""
    return path.name == "conftest.py" or (path.name.startswith("test_") and path.suffix == ".py")


def is_environment(path: Path) -> bool:
    """Return whether a folder is a virtual environment."""
    return (path / "pyvenv.cfg").exists()


class FolderFinder:
    """Import finder for `ds_dashboard_user` and the metric folders below it."""

    def __init__(self, folders: Sequence[MetricFolder]) -> None:
        self._folders = {folder.module: folder.path for folder in folders}

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return the spec of the package or of one folder; Python itself finds the modules in a folder."""
        if name == PACKAGE:
            return _namespace(name, [])
        here = self._folders.get(name)
        if here is None:
            return None
        initial = here / "__init__.py"
        if initial.exists():
            return importlib.util.spec_from_file_location(name, initial, submodule_search_locations=[str(here)])
        return _namespace(name, [str(here)])


@contextmanager
def importable(folders: Sequence[MetricFolder]) -> Iterator[None]:
    """Make the modules of folders importable in this process while the block runs."""
    finder = FolderFinder(folders)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
            del sys.modules[name]


def _namespace(name: str, locations: list[str]) -> ModuleSpec:
    spec = ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = locations
    return spec


def resolve_folders(paths: Sequence[Path]) -> list[MetricFolder]:
    """Resolve the folders given with `--metrics`, sorted by name.

    Raises:
        UserError: a folder does not exist, contains or equals another one, or has the same name as another one.
    """
    result: dict[str, MetricFolder] = {}
    for given in paths:
        path = given.resolve()
        if not path.is_dir():
            cause = "is a file." if path.exists() else "does not exist."
            raise UserError(str(given), cause, "Give --metrics the folder that contains the files with metrics.")
        _check_no_overlap(given, path, [folder.path for folder in result.values() if folder.path != path])
        name = re.sub(r"\W", "_", path.name, flags=re.ASCII) or "metrics"
        if name in result and result[name].path != path:
            raise UserError(
                str(given),
                f"has the same name as {result[name].path}; both would be {PACKAGE}.{name}.",
                "Rename one of the folders.",
            )
        result[name] = MetricFolder(path, name)
    return sorted(result.values(), key=lambda folder: folder.name)


def _raise_unreadable(error: OSError) -> None:
    raise UserError(str(error.filename), f"cannot be read: {error.strerror}.", "Make it readable, or move it away.")


def _check_packageable(path: Path) -> None:
    if not os.access(path, os.R_OK):
        raise UserError(str(path), "cannot be read.", "Make it readable, or move it away.")
    try:
        path.name.encode()
    except UnicodeEncodeError:
        raise UserError(ascii(str(path)), "has a name that is not UTF-8.", "Rename it.") from None


def _check_no_overlap(given: Path, path: Path, others: Sequence[Path]) -> None:
    # A file that is imported under two module names would define the same metric twice.
    if path.is_relative_to(lambda_sources()):
        raise UserError(str(given), "belongs to ds_dashboard, which is always searched.", "Remove --metrics.")
    for other in others:
        if path.is_relative_to(other) or other.is_relative_to(path):
            raise UserError(
                str(given),
                f"overlaps with {other}.",
                "Name only the outer folder: subfolders are searched.",
            )
