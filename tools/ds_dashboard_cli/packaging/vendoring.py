"""What a user's metrics import, from a pinned and hashed list, as the Lambda's platform needs it."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.packaging.checkout import display_path, vendor_folder

PYTHON_VERSION = "3.13"
_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}


def dependencies(requirements: Path, architecture: str) -> dict[str, bytes]:
    """What a user's metrics need, by path in the package. Raises UserError."""
    try:
        text = requirements.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(str(requirements), "cannot be read.", "Give --requirements a text file.") from error
    nested = re.search(r"^\s*(-r|-c|-e|--requirement|--constraint|--editable)\b.*", text, re.MULTILINE)
    if nested:
        raise UserError(
            str(requirements),
            f"refers to something else: {nested.group().strip()}",
            f"Give one file with all pins and hashes, as this makes it: {_lock_command(requirements, architecture)}",
        )
    return _downloaded(requirements, architecture)


def _lock_command(requirements: Path, architecture: str) -> str:
    return (
        f"uv pip compile --generate-hashes --python-version {PYTHON_VERSION} "
        f"--python-platform {_MACHINES[architecture]}-manylinux2014 -o {requirements} requirements.in"
    )


def _downloaded(lock: Path, architecture: str) -> dict[str, bytes]:
    content = lock.read_bytes()
    key = hashlib.sha256(b"\0".join((content, architecture.encode(), PYTHON_VERSION.encode()))).hexdigest()[:16]
    folder = vendor_folder() / key
    if not folder.is_dir():
        _download(lock, architecture, folder)
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    named = {path.relative_to(folder).as_posix(): path for path in paths}
    return {arcname: path.read_bytes() for arcname, path in named.items() if _wanted(arcname)}


def _download(lock: Path, architecture: str, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    ignore = folder.parent / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
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
        process = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if process.returncode != 0:
            raise _failure(lock, architecture, process.stderr)
        target.mkdir(exist_ok=True)  # an empty list makes pip write nothing
        try:
            os.replace(target, folder)
        except OSError:
            # Another command has put the same files there in the meantime.
            if not folder.is_dir():
                raise


def _failure(lock: Path, architecture: str, told: str) -> UserError:
    reasons = [line.removeprefix("ERROR: ").strip() for line in told.splitlines() if line.startswith("ERROR")]
    if "No module named pip" in told:
        return UserError("pip", "is not installed here.", f"Run: {sys.executable} -m ensurepip")
    return UserError(
        display_path(lock),
        f"cannot be installed for Python {PYTHON_VERSION} on {architecture}:",
        "Every line needs a version, hashes and a wheel for that platform; this makes such a file: "
        + _lock_command(lock, architecture),
        problems=tuple(reasons[-3:] or told.strip().splitlines()[-3:]),
    )


def _wanted(arcname: str) -> bool:
    """Whether a distribution's file belongs into the package: no scripts, no bytecode, nothing an installer wrote."""
    parts = arcname.split("/")
    if ".." in parts or parts[0] == "bin" or "__pycache__" in parts or arcname.endswith((".pyc", ".pth")):
        return False
    if parts[0].endswith(".dist-info"):
        # Name, version and licence; RECORD, INSTALLER and REQUESTED depend on who installed it.
        return parts[1] in ("METADATA", "licenses") or parts[1].upper().startswith(("LICENSE", "LICENCE", "NOTICE"))
    return True
