"""`make demo`: two hubs and two spokes on a local cloud."""

from __future__ import annotations
