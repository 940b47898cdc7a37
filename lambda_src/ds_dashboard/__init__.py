"""ds-dashboard: what runs in AWS. Spokes extract metrics, the hub archives them."""

from __future__ import annotations

__version__ = "0.1.0"
