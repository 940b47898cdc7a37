"""Dependencies of the functions that make HTML: in the package, from the distributions that are installed here.

Their versions and contents are fixed, because the same sources give the same package on every machine. Compiled parts
are left out, so that one package runs on both architectures.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ds_dashboard.shell import command
from ds_dashboard_cli.errors import UserError


class _Pin(NamedTuple):
    """A distribution: the SHA-256 is of the hashes of its files, sorted by their paths."""

    name: str
    version: str
    sha256: str


_PINS = (
    _Pin("jinja2", "3.1.6", "4f6b6ec31f47eeb553c43028878e16f2cb29055d2ff664f5701bd7632b93d894"),
    _Pin("markupsafe", "3.0.4", "49cc3bdae3e101b23765e328d689720eb0c1d7e1d525292c9302aae57e76f329"),
)
PACKAGES = tuple(pin.name for pin in _PINS)


@cache
def sources() -> dict[str, bytes]:
    """Return the files of all distributions with their licenses: path in the package -> content.

    Raises:
        UserError: a distribution is not installed, or is not the one that is pinned.
    """
    return {path: content for pin in _PINS for path, content in _files(pin).items()}


def _files(pin: _Pin) -> dict[str, bytes]:
    try:
        installed = metadata.distribution(pin.name)
    except metadata.PackageNotFoundError as error:
        raise UserError(pin.name, "is part of the package, and is not installed.", _install()) from error
    if installed.version != pin.version:
        fault = f"is installed with version {installed.version}; the package has {pin.version}."
        raise UserError(pin.name, fault, _install())
    found = {
        path.as_posix(): Path(str(installed.locate_file(path))).read_bytes()
        for path in installed.files or ()
        if _belongs(path, pin.name)
    }
    if digest(found) != pin.sha256:
        fault = f"is installed with other files than those of version {pin.version}."
        raise UserError(pin.name, fault, _install("--force-reinstall"))
    return found


def _install(*options: str) -> str:
    pinned = [f"{pin.name}=={pin.version}" for pin in _PINS]
    return f"Run: {command('pip', 'install', *options, *pinned)}"


def _belongs(path: PurePosixPath, name: str) -> bool:
    return (path.parts[0] == name and path.suffix == ".py") or path.name == "LICENSE.txt"


def digest(files: dict[str, bytes]) -> str:
    """Return the SHA-256 of the hashes of files, sorted by their paths."""
    lines = [f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()
