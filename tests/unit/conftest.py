"""The bus of a spoke, for the tests of extractions."""

from __future__ import annotations

from tests.support.spoke import bus

__all__ = ["bus"]
