"""The JSON Schemas of the events, published with the package, and checks against them.

What checks is Python that was written from each schema beforehand: making a validator at each cold start, and importing
what makes it, would cost more than the rest of this package.
"""

from __future__ import annotations

import importlib
from typing import Any


class DoesNotConform(ValueError):
    """A document that its schema does not allow; the message names the field and what is allowed."""


def check(name: str, document: Any) -> None:
    """Check `document` against the schema `name`: `result`, `failure`, `run` or `refresh`.

    Raises:
        DoesNotConform: it does not conform.
    """
    importlib.import_module(f"ds_dashboard.schemas.{name}").validate(document, name_prefix="detail")
