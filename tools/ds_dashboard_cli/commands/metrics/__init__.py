"""`ds-dashboard metrics`: list metrics, and write, run and check your own."""

from __future__ import annotations
