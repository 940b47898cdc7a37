"""A browser, and the pages of made-up data and of a hub with hostile names."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ds_dashboard.publish.last_read import LastRead
from ds_dashboard.publish.source import Source
from ds_dashboard_dev.browser import OPTIONS, find
from ds_dashboard_web.demo import DemoSource
from ds_dashboard_web.server import Server

from .sources import NOW
from .tabs import Tab


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser; the tests are skipped where there is none."""
    found = find()
    if found is None:
        pytest.skip("no Chromium on the PATH: run `make setup-browser`, or set DS_DASHBOARD_BROWSER")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Source], str]]:
    """Return a function that serves a source, and returns the address with its token."""
    servers = []

    def start(source: Source) -> str:
        # A token that several contexts of the browser can exchange.
        server = Server(LastRead(source), "127.0.0.1", 0, "token-of-the-tests")
        servers.append(server)
        threading.Thread(target=server.serve, kwargs={"open_browser": False}, daemon=True).start()
        return server.url

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def demo(serve: Callable[[Source], str]) -> str:
    """The address of the pages of made-up data."""
    return serve(DemoSource(NOW, {}))


@pytest.fixture
def tab(chromium: Any) -> Iterator[Callable[..., Tab]]:
    """Return a function that opens tabs."""
    tabs: list[Tab] = []

    def opened(address: str, **settings: Any) -> Tab:
        tabs.append(Tab(chromium, address, **settings))
        return tabs[-1]

    yield opened
    for one in tabs:
        one.context.close()
