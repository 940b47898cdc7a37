"""The package: one zip for all functions, with identical bytes from identical sources on every machine."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import ds_dashboard
from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.packaging import dependencies, manifest, vendored, zip_file
from ds_dashboard_cli.packaging.checkout import lambda_sources
from ds_dashboard_cli.packaging.metric_folders import PACKAGE, MetricFolder

# No other file of the library is packaged, so that a stray file neither changes the package nor leaves the machine.
_LIBRARY_SUFFIXES = (".py", ".json")
_PAGES, _PAGE_SUFFIXES = "pages", (".html", ".css")
# The test kit of authors. It runs on their machines only.
_TESTING = "testing"
_MANIFEST = "ds_dashboard/metrics.json"
_COMPRESSED = ("ds_dashboard", *vendored.PACKAGES)


def collect(
    built: Mapping[str, Any],
    folders: Sequence[MetricFolder],
    requirements: Path | None,
    architecture: str,
    exclude: Collection[Path],
) -> dict[str, bytes]:
    """Collect the package's files: library, manifest, metric folders, and the dependencies of library and metrics.

    Args:
        built: the manifest.
        folders: folders with metrics of the user.
        requirements: the pinned requirements of these metrics.
        architecture: `arm64` or `x86_64`.
        exclude: files to skip, such as an earlier package in one of the folders.

    Returns:
        Path in the package -> content.

    Raises:
        UserError: two sources have different contents for one path, or the requirements cannot be installed.
    """
    found: dict[str, bytes] = {}
    _add(found, _library_sources())
    _add(found, vendored.sources())
    _add(found, {_MANIFEST: manifest.render_json(dict(built)).encode()})
    for folder in folders:
        _add(
            found,
            {
                f"{PACKAGE}/{folder.name}/{path.relative_to(folder.path).as_posix()}": path.read_bytes()
                for path in folder.files()
                if path not in exclude
            },
        )
    if requirements is not None:
        _add(found, dependencies.download(requirements, architecture))
    return found


def build_zip(files: Mapping[str, bytes]) -> bytes:
    """Build a zip with the same bytes on every machine. The files of users are not compressed: they may be large."""
    return zip_file.build(files, lambda name: name.partition("/")[0] in _COMPRESSED)


def render_metadata(content: bytes, built: Mapping[str, Any]) -> bytes:
    """Render `<package>.json`, with which Terraform checks a package without opening it."""
    metadata = {
        "base64sha256": base64.b64encode(hashlib.sha256(content).digest()).decode(),
        "metrics": sorted(built["metrics"]),
        "version": ds_dashboard.__version__,
    }
    return (json.dumps(metadata, indent=2) + "\n").encode()


def _library_sources() -> dict[str, bytes]:
    root = lambda_sources()
    found = {}
    for path in root.rglob("*"):
        name = f"ds_dashboard/{path.relative_to(root).as_posix()}"
        parts = path.relative_to(root).parts
        skipped = parts[0] == _TESTING or any(part.startswith(".") or part == "__pycache__" for part in parts)
        suffixes = _PAGE_SUFFIXES if parts[0] == _PAGES else ()
        if path.suffix in (*_LIBRARY_SUFFIXES, *suffixes) and not skipped and name != _MANIFEST and path.is_file():
            found[name] = path.read_bytes()
    return found


def _add(found: dict[str, bytes], more: Mapping[str, bytes]) -> None:
    for name, content in more.items():
        if found.setdefault(name, content) != content:
            raise UserError(
                name,
                "exists with different contents in the package itself and in --requirements.",
                "Remove the distribution that contains it from the requirements.",
            )
