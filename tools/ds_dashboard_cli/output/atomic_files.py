"""Files that are there whole or not at all: whether they are fresh, and writing them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ds_dashboard.client import export
from ds_dashboard_cli.errors import UserError


def is_text(path: Path, content: str) -> bool:
    """Whether a file holds exactly this."""
    try:
        return path.read_bytes() == content.encode()
    except OSError:
        return False


def write(path: Path, content: bytes) -> None:
    """Put content in place in one step, making the folder if need be. Raises UserError."""
    with replacing(path) as file:
        file.write(content)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file that replaces `path` when it is complete.

    Raises:
        UserError: the file cannot be written.
    """
    try:
        with export.replacing(path) as file:
            yield file
    except OSError as error:
        raise UserError(str(path), f"cannot be written: {error.strerror}.", "Name another file with -o.") from error
