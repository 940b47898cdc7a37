"""Reading the text of PartiQL statements and of conditions.

A program sends the same few texts again and again, with other parameters.

The engine takes each statement apart anew, in a batch twice, and a condition once for every item that a query looks at:
a third of all its work when a hub archives.

Replaces `_dynamodb_keywords._tokenize`, `dynamodb._tokenize` and `dynamodb._condition_syntax_error` by ones that
remember; nobody changes what they return.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

_REMEMBERED = 1024


def close(engine: Any, state: Path) -> None:
    from ministack.services import _dynamodb_keywords, dynamodb

    for module, name in (
        (_dynamodb_keywords, "_tokenize"),
        (dynamodb, "_tokenize"),
        (dynamodb, "_condition_syntax_error"),
    ):
        setattr(module, name, functools.lru_cache(_REMEMBERED)(getattr(module, name)))
