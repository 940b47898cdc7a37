"""Texts that share a limit: how far the longest must be cut, so that all fit."""

from __future__ import annotations

from collections.abc import Sequence

_CUT = "…"


def level(lengths: Sequence[int], budget: int) -> int:
    """Return the length to which the longest of some ascending lengths must be cut, so that all fit into a budget."""
    for index, length in enumerate(lengths):
        share = budget // (len(lengths) - index)
        if length > share:
            return share
        budget -= length
    return lengths[-1]


def cut(text: str, most: int) -> str:
    """Return a text with at most this many bytes, which ends with `…` if it was cut."""
    encoded = text.encode()
    return text if len(encoded) <= most else encoded[: most - len(_CUT.encode())].decode(errors="ignore") + _CUT
