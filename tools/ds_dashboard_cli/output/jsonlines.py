"""JSON for programs: one object a line, numbers with exactly the digits that the spoke computed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from ds_dashboard.client.text import json_line


def write(record: Mapping[str, Any]) -> None:
    """Print one record on stdout."""
    click.echo(json_line(record))
