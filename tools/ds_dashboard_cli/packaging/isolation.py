"""A second import of the metrics, from the package alone: what only this machine has, a function would not find.

The manifest is made by an import from the folders of the metrics, in this environment, where anything may be installed.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.output.files import display_path
from ds_dashboard_cli.packaging import dependencies, sandbox, skipped
from ds_dashboard_cli.packaging.metric_folders import PACKAGE, MetricFolder

_PROGRAM = Path(__file__).with_name("isolated_import.py")
# What Lambda's Python has besides the standard library: boto3, and what boto3 needs.
_RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six")
# In the standard library of Python 3.11 or 3.12, and not in the runtime's.
# Source: "Removed" in "What's New In Python 3.12" and 3.13.
_REMOVED = (
    *("asynchat", "asyncore", "distutils", "imp", "smtpd", "aifc", "audioop", "cgi", "cgitb", "chunk", "crypt"),
    *("imghdr", "lib2to3", "mailcap", "msilib", "nis", "nntplib", "ossaudiodev", "pipes", "sndhdr", "spwd", "sunau"),
    *("telnetlib", "uu", "xdrlib"),
)
_NATIVE = (".so", ".pyd", ".dylib")
_OWN = ("ds_dashboard", PACKAGE)


def check(
    files: Mapping[str, bytes], built: Mapping[str, Any], folders: Sequence[MetricFolder], requirements: Path | None
) -> list[str]:
    """Import metrics and handlers of a package from nothing but the package, the standard library and boto3.

    Args:
        files: path in the package -> content.
        built: the manifest.
        folders: folders with metrics of the user.
        requirements: the pinned requirements of these metrics.

    Returns:
        What functions of the user's files import when they run, and the package does not have: a line for each.

    Raises:
        UserError: a module of the package cannot be imported; lists all, with file, line and fix.
    """
    with tempfile.TemporaryDirectory() as unpacked:
        for name, content in files.items():
            path = Path(unpacked, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        answer = sandbox.run(
            str(_PROGRAM),
            {
                # Where macOS has a link, the paths in error messages are without it.
                "root": str(Path(unpacked).resolve()),
                "modules": sorted({entry["module"] for entry in built["metrics"].values()} | _handlers(files)),
                "authored": [PACKAGE],
                "runtime": _RUNTIME,
                "foreign": _foreign(files),
                "removed": _REMOVED,
                "path": [entry for entry in sys.path if entry],
            },
            "import of the package",
            options=("-I", "-S", "-B", "-X", "utf8"),
        )

    def line(one: Mapping[str, Any]) -> str:
        return f"{_original(one['file'], folders)}:{one['line']}: {_describe(one, folders, requirements)}"

    if answer["problems"]:
        raise UserError(
            "Package",
            "cannot be imported without what else is on this machine:",
            "",
            details=tuple(dict.fromkeys(map(line, answer["problems"]))),
        )
    return [line(one) for one in answer["notes"]]


def _handlers(files: Mapping[str, bytes]) -> set[str]:
    """Return the modules of the functions' entry points."""
    paths = (Path(name) for name in files if name.startswith("ds_dashboard/handlers/") and name.endswith(".py"))
    return {".".join(path.with_suffix("").parts) for path in paths if path.stem != "__init__"}


def _foreign(files: Mapping[str, bytes]) -> list[str]:
    """Return the dependencies with native code, which is for the functions' platform and cannot be loaded here."""
    native = {name.partition("/")[0] for name in files if name.endswith(_NATIVE)}
    return sorted(name.partition(".")[0] for name in native if name not in _OWN)


def _original(file: str, folders: Sequence[MetricFolder]) -> str:
    """Return the path of a packaged file as its author knows it."""
    for folder in folders:
        inside = file.removeprefix(f"{PACKAGE}/{folder.name}/")
        if inside != file:
            return display_path(folder.path / inside)
    return file


def _describe(one: Mapping[str, Any], folders: Sequence[MetricFolder], requirements: Path | None) -> str:
    """Return cause and fix of an import that fails."""
    name: str | None = one["name"]
    if name is None:
        return f"{one['cause']}. It works in {PACKAGE} with what is installed here: add that to --requirements."
    if name in _REMOVED:
        return (
            f"{name} is not in Python {dependencies.PYTHON_VERSION}, which the functions run. Use another module, or "
            "add a replacement to --requirements."
        )
    if name.split(".")[0] in _OWN:
        return f"{name} is not in the package. {_why_not_packaged(name, folders)}"
    first = name.partition(".")[0]
    add = f"Add {first}, and what it needs," if requirements else f"Pass --requirements FILE with {first}"
    where = f" to {display_path(requirements)}" if requirements else ""
    return f"{name} is not in the package: it is only installed here. {add}{where} with versions and hashes."


def _why_not_packaged(name: str, folders: Sequence[MetricFolder]) -> str:
    for folder in folders:
        inside = name.removeprefix(f"{folder.module}.")
        if inside != name and (reason := skipped.why_missing(folder, inside.split("."))):
            return reason[:1].upper() + reason[1:]
    return "It is for tests and for this machine. Do without it."
