"""ds-dashboard: spokes extract metrics of data-science projects, and the hub archives them."""

from __future__ import annotations

__version__ = "0.1.0"
