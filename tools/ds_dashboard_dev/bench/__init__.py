"""`make bench`: measured figures of the system, each compared with its aim."""

from __future__ import annotations
