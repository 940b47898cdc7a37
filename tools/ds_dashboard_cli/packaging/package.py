"""The package: one archive for all functions, the same bytes from the same sources everywhere."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import ds_dashboard
from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.packaging import manifest, vendoring
from ds_dashboard_cli.packaging.checkout import lambda_sources
from ds_dashboard_cli.packaging.metric_folders import PACKAGE, Folder

# What may stand in our own sources, so that nothing left lying about changes the package or leaves the machine.
_OWN_KINDS = (".py", ".json")
_MANIFEST = "ds_dashboard/metrics.json"


def contents(
    built: Mapping[str, Any],
    folders: Sequence[Folder],
    requirements: Path | None,
    architecture: str,
    leave_out: Collection[Path],
) -> dict[str, bytes]:
    """Path in the package -> content. Raises UserError where two sources want the same path.

    Args:
        leave_out: an earlier package that lies in one of the folders.
    """
    found: dict[str, bytes] = {}
    _add(found, _own_sources())
    _add(found, {_MANIFEST: manifest.render(dict(built)).encode()})
    for folder in folders:
        _add(
            found,
            {
                f"{PACKAGE}/{folder.name}/{path.relative_to(folder.path).as_posix()}": path.read_bytes()
                for path in folder.files()
                if path not in leave_out
            },
        )
    if requirements is not None:
        _add(found, vendoring.dependencies(requirements, architecture))
    return found


def archive(files: Mapping[str, bytes]) -> bytes:
    """A zip in which nothing depends on the machine: fixed order, times and modes; stored, since zlibs differ."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as zipped:
        for name in sorted(files, key=str.encode):
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.create_system = 3
            info.external_attr = 0o100644 << 16
            zipped.writestr(info, files[name])
    return buffer.getvalue()


def sidecar(content: bytes, built: Mapping[str, Any]) -> bytes:
    """What Terraform is told about an archive without opening it, as the text of `<archive>.json`."""
    told = {
        "base64sha256": base64.b64encode(hashlib.sha256(content).digest()).decode(),
        "metrics": sorted(built["metrics"]),
        "version": ds_dashboard.__version__,
    }
    return (json.dumps(told, indent=2) + "\n").encode()


def _own_sources() -> dict[str, bytes]:
    root = lambda_sources()
    found = {}
    for path in root.rglob("*"):
        arcname = f"ds_dashboard/{path.relative_to(root).as_posix()}"
        hidden = any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(root).parts)
        if path.suffix in _OWN_KINDS and not hidden and arcname != _MANIFEST and path.is_file():
            found[arcname] = path.read_bytes()
    return found


def _add(found: dict[str, bytes], more: Mapping[str, bytes]) -> None:
    for name, content in more.items():
        if found.setdefault(name, content) != content:
            raise UserError(
                name,
                "comes twice, with different contents: from the package itself and from --requirements.",
                "Take the distribution that it belongs to out of the requirements.",
            )
