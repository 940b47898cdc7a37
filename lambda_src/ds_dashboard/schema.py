"""The JSON Schemas of the events, published with the package and used by the code."""

import functools
import json
from collections.abc import Callable
from importlib import resources
from typing import Any

import fastjsonschema


class DoesNotConform(ValueError):
    """A document that its schema does not allow; the message names the field and what is allowed."""


@functools.cache
def _validator(name: str) -> Callable[[Any], Any]:
    text = resources.files("ds_dashboard").joinpath("schemas", f"{name}.json").read_text(encoding="utf-8")
    # Formats and defaults are not used: what a schema says is only ever checked, never filled in.
    validator: Callable[[Any], Any] = fastjsonschema.compile(json.loads(text), use_default=False)
    return validator


def check(name: str, document: Any) -> None:
    """Check ``document`` against the schema ``name``: ``result``, ``failure``, ``run`` or ``refresh``.

    Raises:
        DoesNotConform: it does not conform.
    """
    try:
        _validator(name)(document)
    except fastjsonschema.JsonSchemaValueException as error:
        raise DoesNotConform("detail" + error.message.removeprefix("data")) from None
