"""The domain of the hub's functions: archive events, request refreshes, find silent spokes."""

from __future__ import annotations
