"""Commands that plan the modules: with the newest provider, and over the state of an earlier version."""

from __future__ import annotations
