"""Output files: their path as users know it, and writing them in one step."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ds_dashboard_cli.errors import UserError


def display_path(path: Path) -> str:
    """Return a path as a user would type it: relative if it is below the current folder."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def has_text(path: Path, text: str) -> bool:
    """Return whether a file exists and contains exactly this text."""
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False


def write(path: Path, content: bytes) -> None:
    """Write a file in one step, and create its folder if needed.

    Raises:
        UserError: the file cannot be written.
    """
    with replacing(path) as file:
        file.write(content)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file that replaces `path` when it is complete.

    Raises:
        UserError: the file cannot be written.
    """
    # Imported late: --help and completion must not wait for the import of the client.
    from ds_dashboard.client import export

    try:
        with export.replacing(path) as file:
            yield file
    except OSError as error:
        raise UserError(str(path), f"cannot be written: {error.strerror}.", "Name another file with -o.") from error
