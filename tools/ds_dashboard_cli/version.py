"""The version of this command, which is the version of the package that it builds."""

from __future__ import annotations

import ds_dashboard


def version() -> str:
    """As the functions report it in their run events."""
    return ds_dashboard.__version__
