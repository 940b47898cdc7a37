"""A page of the browser that notes what its console says and what it requests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

AXE = Path(__file__).parent / "axe"


def violations(page: Any) -> dict[str, list[Any]]:
    """Return the findings of accessibility on a page whose policy is bypassed: rule -> the first elements."""
    page.evaluate((AXE / "axe.min.js").read_text())
    answer = page.evaluate("axe.run({resultTypes: ['violations']})")
    return {one["id"]: [node["target"] for node in one["nodes"]][:3] for one in answer["violations"]}


class Tab:
    """A page of the browser that notes what its console says and what it requests."""

    def __init__(self, browser: Any, address: str, **settings: Any) -> None:
        self.base = address.partition("/?")[0]
        self.context = browser.new_context(viewport={"width": 1440, "height": 900}, **settings)
        self.page = self.context.new_page()
        self.messages: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.messages.append(message.text))
        self.page.on("pageerror", lambda error: self.messages.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(address)

    def open(self, path: str) -> Any:
        """Open a path, and return the page."""
        self.page.goto(f"{self.base}{path}")
        return self.page
