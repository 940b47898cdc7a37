"""The manifest that a command reads: of this package, or a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.output.files import display_path
from ds_dashboard_cli.packaging.checkout import checkout


def load_manifest(paths: Sequence[Path], file: Path | None) -> dict[str, Any]:
    """Return the manifest of this package, of the package with metrics of your own, or the one in a file.

    Args:
        paths: folders with metrics of your own.
        file: a manifest to read instead.

    Raises:
        UserError: both are given, or the file is not a manifest.
    """
    if paths and file:
        raise UserError("--metrics, --manifest", "exclude each other.", "Pass one of them.", usage=True)
    home = checkout()
    file = file or (home.manifest if home and not paths else None)
    if file is not None:
        return _read(file)
    from ds_dashboard_cli.packaging import manifest
    from ds_dashboard_cli.packaging.metric_folders import resolve_folders

    return manifest.build(resolve_folders(tuple(paths)))


def _read(file: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if not all(_is_entry(entry) for entry in document["metrics"].values()):
            raise TypeError
    except OSError as error:
        raise UserError(
            display_path(file), f"cannot be read: {error.strerror}.", "Run: ds-dashboard manifest"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            display_path(file), "is not a valid manifest.", "Write one with: ds-dashboard manifest -o FILE"
        ) from error
    return document


def _is_entry(entry: Any) -> bool:
    return all(key in entry for key in ("unit", "description", "arguments", "permissions"))
