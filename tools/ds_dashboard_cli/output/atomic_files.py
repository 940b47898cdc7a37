"""Files that are there whole or not at all: whether they are fresh, and writing them."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

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
    """A file to write to, which is put in place when all is well, and removed when not. Raises UserError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file() and not path.is_dir():
            # /dev/null, a named pipe: to be written to, and not to be replaced.
            with path.open("wb") as device:
                yield device
            return
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
            # mkstemp is for secrets: what others may read is the umask's to say.
            umask = os.umask(0)
            os.umask(umask)
            os.chmod(name, 0o666 & ~umask)
            os.replace(name, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
    except OSError as error:
        raise UserError(str(path), f"cannot be written: {error.strerror}.", "Name another file with -o.") from error
