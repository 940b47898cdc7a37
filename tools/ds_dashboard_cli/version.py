"""The version of this command, which is the version of the package that it builds."""

from __future__ import annotations

import importlib.metadata


def version() -> str:
    return importlib.metadata.version("ds-dashboard")
