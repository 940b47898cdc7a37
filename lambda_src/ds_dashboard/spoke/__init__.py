"""The domain of the extract function: compute metrics, and send their events to the hub."""

from __future__ import annotations
