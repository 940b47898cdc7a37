"""Folders with metrics of one's own, outside this repository.

Their files are imported and packaged as `ds_dashboard_user.<folder>.<file>`. They are not put on `sys.path`: there, a
file named `queue.py` would replace the standard library's and break boto3.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.packaging.checkout import lambda_sources

PACKAGE = "ds_dashboard_user"
_IGNORED_FOLDERS = {"__pycache__", "node_modules", "tests", "venv"}


@dataclass(frozen=True)
class Folder:
    """A folder given with `--metrics`, and its name below `ds_dashboard_user`."""

    path: Path
    name: str

    @property
    def module(self) -> str:
        return f"{PACKAGE}.{self.name}"

    def modules(self) -> list[tuple[str, Path]]:
        """Module name and file of everything that is searched for metrics, sorted.

        Files that begin with `_` are imported by others and searched by nobody.
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
        """Everything that is packaged, data files too, sorted; no tests, hidden files, bytecode, environments."""
        return sorted(self._walk(), key=lambda path: os.fsencode(path.relative_to(self.path)))

    def _walk(self) -> Iterator[Path]:
        for here, subfolders, names in os.walk(self.path, onerror=_refuse_unreadable):
            subfolders[:] = [
                name
                for name in subfolders
                if not name.startswith(".")
                and name not in _IGNORED_FOLDERS
                and not os.path.exists(os.path.join(here, name, "pyvenv.cfg"))
            ]
            for name in names:
                path = Path(here, name)
                hidden = name.startswith(".") or name.endswith((".pyc", ".pyo", "~"))
                test = name == "conftest.py" or (name.startswith("test_") and name.endswith(".py"))
                if not hidden and not test and path.is_file():
                    _refuse_what_cannot_be_packaged(path)
                    yield path


def _refuse_unreadable(error: OSError) -> None:
    raise UserError(str(error.filename), f"cannot be read: {error.strerror}.", "Make it readable, or move it away.")


def _refuse_what_cannot_be_packaged(path: Path) -> None:
    if not os.access(path, os.R_OK):
        raise UserError(str(path), "cannot be read.", "Make it readable, or move it away.")
    try:
        path.name.encode()
    except UnicodeEncodeError:
        raise UserError(ascii(str(path)), "has a name that is not UTF-8.", "Rename it.") from None


def _refuse_read_twice(given: Path, path: Path, others: Sequence[Path]) -> None:
    """One file under two module names would be two metrics of one name."""
    if path.is_relative_to(lambda_sources()):
        raise UserError(str(given), "belongs to ds_dashboard, which is searched anyway.", "Leave --metrics out.")
    for other in others:
        if path.is_relative_to(other) or other.is_relative_to(path):
            raise UserError(
                str(given),
                f"and {other} are one inside the other.",
                "Name the outer one only: subfolders are searched.",
            )


def folders(paths: Sequence[Path]) -> list[Folder]:
    """The folders under their names; raises UserError where one does not exist or two would have the same name."""
    result: dict[str, Folder] = {}
    for given in paths:
        path = given.resolve()
        if not path.is_dir():
            cause = "is a file." if path.exists() else "does not exist."
            raise UserError(str(given), cause, "Give --metrics the folder that holds the files with metrics.")
        _refuse_read_twice(given, path, [folder.path for folder in result.values() if folder.path != path])
        name = re.sub(r"\W", "_", path.name, flags=re.ASCII) or "metrics"
        if name in result and result[name].path != path:
            raise UserError(
                str(given),
                f"has the same name as {result[name].path}; both would be {PACKAGE}.{name}.",
                "Rename one of the folders.",
            )
        result[name] = Folder(path, name)
    return sorted(result.values(), key=lambda folder: folder.name)
