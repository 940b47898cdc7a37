"""Output of the commands: tables, charts, JSON lines, notes and files."""

from __future__ import annotations
