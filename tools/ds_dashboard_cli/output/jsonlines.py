"""JSON for programs: one object a line, numbers with exactly the digits that the spoke computed."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

import click

from ds_dashboard import canonical_json
from ds_dashboard_cli.output.text import unsafe


class Literal(str):
    """A number as it was written, for what is passed on unread: `json.loads(text, parse_float=Literal, ...)`."""


def line(record: Mapping[str, Any]) -> str:
    """One record as a line, its keys in their order; characters that do something to a terminal are escaped."""
    text = _text(record)
    if text.isascii() and text.isprintable():
        return text
    return "".join(json.dumps(one)[1:-1] if unsafe(one) else one for one in text)


def write(record: Mapping[str, Any]) -> None:
    """Print one record on stdout."""
    click.echo(line(record))


def _text(value: Any) -> str:
    # Not json.dumps with a default: it has no place for a number that is no float.
    if isinstance(value, str):
        return str(value) if isinstance(value, Literal) else encode_basestring(value)
    if isinstance(value, Decimal):
        return canonical_json.dumps(value)
    if isinstance(value, Mapping):
        members = [f"{encode_basestring(str(key))}: {_text(member)}" for key, member in value.items()]
        return f"{{{', '.join(members)}}}"
    if isinstance(value, set | frozenset):
        return _text(sorted(value))
    if isinstance(value, list | tuple):
        return f"[{', '.join([_text(member) for member in value])}]"
    if isinstance(value, bytes | bytearray):
        return encode_basestring(base64.b64encode(value).decode())
    return json.dumps(value)
