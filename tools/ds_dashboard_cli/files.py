"""Generated files: whether they are fresh, and writing them whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from ds_dashboard_cli.errors import UserError


def is_text(path: Path, content: str) -> bool:
    """Whether a file holds exactly this."""
    try:
        return path.read_bytes() == content.encode()
    except OSError:
        return False


def write(path: Path, content: bytes) -> None:
    """Put content in place in one step, making the folder if need be. Raises UserError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
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
