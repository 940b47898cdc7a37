"""Dependencies of a user's metrics: downloaded from pinned, hashed requirements for the platform of the functions."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.output.files import display_path
from ds_dashboard_cli.packaging.checkout import vendor_folder

# Of the functions.
PYTHON_VERSION = "3.13"
_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}


def download(requirements: Path, architecture: str) -> dict[str, bytes]:
    """Download the requirements, or read them from the cache.

    Args:
        requirements: a file with a pinned version and hashes on every line.
        architecture: `arm64` or `x86_64`.

    Returns:
        Path in the package -> content.

    Raises:
        UserError: the file cannot be read, refers to another file, or cannot be installed for the platform.
    """
    try:
        text = requirements.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(str(requirements), "cannot be read.", "Give --requirements a text file.") from error
    nested = re.search(r"^\s*(-r|-c|-e|--requirement|--constraint|--editable)\b.*", text, re.MULTILINE)
    if nested:
        raise UserError(
            str(requirements),
            f"refers to another file: {nested.group().strip()}",
            f"Use one file with all pins and hashes. To create it, run: {_lock_command(requirements, architecture)}",
        )
    folder = _cached(requirements, architecture)
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    named = {path.relative_to(folder).as_posix(): path for path in paths}
    return {name: path.read_bytes() for name, path in named.items() if is_packaged(name)}


def is_packaged(name: str) -> bool:
    """Return whether a file of a distribution is packaged: no scripts, bytecode or files that the installer writes."""
    parts = name.split("/")
    if ".." in parts or parts[0] == "bin" or "__pycache__" in parts or name.endswith((".pyc", ".pth")):
        return False
    if parts[0].endswith(".dist-info"):
        # RECORD, INSTALLER and REQUESTED depend on the installer.
        return parts[1] in ("METADATA", "licenses") or parts[1].upper().startswith(("LICENSE", "LICENCE", "NOTICE"))
    return True


def _lock_command(requirements: Path, architecture: str) -> str:
    return (
        f"uv pip compile --generate-hashes --python-version {PYTHON_VERSION} "
        f"--python-platform {_MACHINES[architecture]}-manylinux2014 -o {requirements} requirements.in"
    )


def _cached(lock: Path, architecture: str) -> Path:
    content = lock.read_bytes()
    key = hashlib.sha256(b"\0".join((content, architecture.encode(), PYTHON_VERSION.encode()))).hexdigest()[:16]
    folder = vendor_folder() / key
    if not folder.is_dir():
        _install(lock, architecture, folder)
    return folder


def _install(lock: Path, architecture: str, folder: Path) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        ignore = folder.parent / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"cache {folder.parent}",
            f"cannot be written: {error.strerror}.",
            "Set XDG_CACHE_HOME to a folder that can be written.",
        ) from error
    machine = _MACHINES[architecture]
    platforms = [f"manylinux{version}_{machine}" for version in ("_2_34", "_2_28", "_2_17", "2014")]
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as temporary:
        target = Path(temporary, "files")
        command = [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"),
            *("--no-compile", "--no-deps", "--require-hashes", "--only-binary=:all:", "--target", str(target)),
            *("--python-version", PYTHON_VERSION, "--implementation", "cp"),
            *(word for platform in platforms for word in ("--platform", platform)),
            *("--requirement", str(lock)),
        ]
        # pip keeps the environment, because it finds the index, its credentials and the proxy there. It runs no code of
        # the requirements, which are wheels. PIP_USER and --target exclude each other.
        process = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"},
        )
        if process.returncode != 0:
            raise _install_error(lock, architecture, process.stderr)
        target.mkdir(exist_ok=True)  # pip writes nothing for an empty list
        try:
            os.replace(target, folder)
        except OSError:
            # Another command may have written the same folder in the meantime.
            if not folder.is_dir():
                raise


def _install_error(lock: Path, architecture: str, stderr: str) -> UserError:
    reasons = [line.removeprefix("ERROR: ").strip() for line in stderr.splitlines() if line.startswith("ERROR")]
    if "No module named pip" in stderr:
        return UserError("pip", "is not installed here.", f"Run: {sys.executable} -m ensurepip")
    return UserError(
        display_path(lock),
        f"cannot be installed for Python {PYTHON_VERSION} on {architecture}:",
        "Every line needs a version, hashes, and a wheel for that platform. To create such a file, run: "
        + _lock_command(lock, architecture),
        details=tuple(reasons[-3:] or stderr.strip().splitlines()[-3:]),
    )
