"""The hub that a function belongs to: read with the function's own role, and its settings from its own environment."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import ds_dashboard
from ds_dashboard.client import Hub
from ds_dashboard.client.installation import Installation
from ds_dashboard.client.settings import HubSettings
from ds_dashboard.publish.source import HubSource, descriptions_of

# `ds-dashboard package` writes it there.
MANIFEST = Path(ds_dashboard.__file__).parent / "metrics.json"
_logger = logging.getLogger(__name__)


def own_hub(
    name: str, monitored_projects_path: str, silent_after: timedelta, config: Mapping[str, Any] | None = None
) -> Hub:
    """Return the hub, for which no settings of another function are read; `config` is of its clients."""
    hub = Hub.of(Installation(name, config=config), warn=_logger.warning)
    hub.settings = HubSettings(monitored_projects_path, silent_after)
    return hub


def source_of(hub: Hub, projects: Sequence[str] = ()) -> HubSource:
    """Return the source of pages, with the descriptions of the metrics in the package.

    Args:
        hub: the hub.
        projects: the projects to read; empty for all.
    """
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    return HubSource(hub, descriptions_of(manifest["metrics"]), projects, is_shared=True)
