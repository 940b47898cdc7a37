"""Which source a command reads: a hub, or made-up data."""

from __future__ import annotations

from pathlib import Path

from ds_dashboard import dates
from ds_dashboard.client import Hub
from ds_dashboard.publish.source import HubSource, Source, descriptions_of
from ds_dashboard_cli.packaging.manifest_file import load_manifest
from ds_dashboard_web.demo import DemoSource


def open_source(hub: Hub, demo: bool, manifest_file: Path | None, *, is_file: bool = False) -> Source:
    """Return the source of pages.

    Args:
        hub: the hub.
        demo: whether to use made-up data instead.
        manifest_file: the manifest of the user's own metrics; None for the one of this package.
        is_file: whether others get the pages. Otherwise they show what can be read if AWS denies a part.
    """
    descriptions = descriptions_of(load_manifest((), manifest_file)["metrics"])
    if demo:
        return DemoSource(dates.now(), descriptions)
    return HubSource(hub, descriptions, is_shared=is_file, is_partial=not is_file)
