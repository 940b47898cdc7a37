"""JSON for programs: one object a line, numbers with exactly the digits that the spoke computed."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import click

from ds_dashboard import exactjson
from ds_dashboard_cli.output.text import unsafe


class Literal(str):
    """A number as it was written, for what is passed on unread: `json.loads(text, parse_float=Literal, ...)`."""


def line(record: Mapping[str, Any]) -> str:
    """One record as a line, its keys in their order; characters that do something to a terminal are escaped."""
    text = "".join(_parts(record))
    if text.isascii() and text.isprintable():
        return text
    return "".join(json.dumps(one)[1:-1] if unsafe(one) else one for one in text)


def write(record: Mapping[str, Any]) -> None:
    """Print one record on stdout."""
    click.echo(line(record))


def _parts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield "{"
        for index, (key, member) in enumerate(value.items()):
            yield f"{', ' if index else ''}{json.dumps(str(key), ensure_ascii=False)}: "
            yield from _parts(member)
        yield "}"
    elif isinstance(value, list | tuple | set | frozenset):
        yield "["
        for index, member in enumerate(sorted(value) if isinstance(value, set | frozenset) else value):
            yield ", " if index else ""
            yield from _parts(member)
        yield "]"
    elif isinstance(value, Literal):
        yield str(value)
    elif isinstance(value, Decimal):
        yield exactjson.dumps(value)
    elif isinstance(value, bytes | bytearray):
        yield json.dumps(base64.b64encode(value).decode())
    else:
        yield json.dumps(value, ensure_ascii=False)
