"""Write the pictures of the pages for README and docs, from made-up data at a fixed date: `make screenshots`."""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime
from typing import NamedTuple

import click

from ds_dashboard.publish import widget
from ds_dashboard.publish.last_read import LastRead
from ds_dashboard.publish.source import descriptions_of
from ds_dashboard_cli.packaging.manifest_file import load_manifest
from ds_dashboard_dev.browser import OPTIONS, find
from ds_dashboard_dev.checkout import CHECKOUT
from ds_dashboard_web.demo import DemoSource
from ds_dashboard_web.server import Server

FOLDER = CHECKOUT / "docs" / "images"
_NOW = datetime(2026, 11, 27, 14, 2, tzinfo=UTC)
_TOKEN = "token-of-the-pictures"


class Picture(NamedTuple):
    """A picture: the name of its file, the address, and the theme."""

    name: str
    path: str
    theme: str


PICTURES = (
    Picture("overview", "/", "light"),
    Picture("series", "/series/churn-forecast/prod?metric=TrainingBillableSeconds24h&compare=1", "light"),
    Picture("failing", "/series/ads-ranking/prod?metric=NotebookInstancesInService&range=90d", "dark"),
)


_WIDGET = Picture("widget", "/", "light")
_ENDPOINT = "arn:aws:lambda:eu-west-1:111111111111:function:ds-dashboard-widget"


def main() -> int:
    """Write the pictures, and return the exit code."""
    browser_path = find()
    if browser_path is None:
        click.echo("No Chromium is on the PATH. Run: make setup-browser", err=True)
        return 1
    from playwright.sync_api import sync_playwright

    descriptions = descriptions_of(load_manifest((), None)["metrics"])
    last_read = LastRead(DemoSource(_NOW, descriptions))
    server = Server(last_read, "127.0.0.1", 0, _TOKEN)
    threading.Thread(target=server.serve, kwargs={"open_browser": False}, daemon=True).start()
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=OPTIONS)
        for picture in PICTURES:
            page = browser.new_page(
                viewport={"width": 1440, "height": 900}, color_scheme="dark" if picture.theme == "dark" else "light"
            )
            page.goto(server.url)
            page.goto(f"{server.url.partition('/?')[0]}{picture.path}")
            page.wait_for_timeout(500)
            page.screenshot(path=str(FOLDER / f"{picture.name}.png"))
            click.echo(f"docs/images/{picture.name}.png")
        page = browser.new_page(viewport={"width": 1440, "height": 640}, java_script_enabled=False)
        html = widget.answer(last_read, {"address": _WIDGET.path, "widgetContext": {"theme": _WIDGET.theme}}, _ENDPOINT)
        page.set_content(f"<!doctype html>{html}")
        page.screenshot(path=str(FOLDER / f"{_WIDGET.name}.png"))
        click.echo(f"docs/images/{_WIDGET.name}.png")
        browser.close()
    server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
