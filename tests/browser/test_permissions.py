"""Readers who may not read everything, and whose credentials expire while they look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import UnauthorizedSSOTokenError
from playwright.sync_api import expect

from ds_dashboard.publish.source import Source

from .sources import HOSTILE, FailingSource, failed
from .tabs import Tab

SERIES = "/series/churn-forecast/prod?metric=TrainingBillableSeconds24h"
EXPIRED = [failed("Scan", "ExpiredTokenException"), UnauthorizedSSOTokenError()]
Serve = Callable[[Source], str]


def test_each_panel_says_what_the_reader_may_not_read(tab: Callable[..., Tab], serve: Serve) -> None:
    """What is missing must not look as if there were nothing, and the rest is there."""
    denied = FailingSource(values_before=failed("Query"), recent=failed("Query"), history=failed("Query"))
    one = tab(serve(denied))
    page = one.page
    assert page.locator("table.matrix td.cell").count() > 200
    banners = page.locator(".banner.warning").all_inner_texts()
    assert [text.partition(". ")[0] for text in banners] == [
        "Changes of seven days are not shown",
        "Sparklines are not shown",
    ]
    assert all("may not call Query. The hub's reader_policy_json grants it." in text for text in banners)
    changed = page.locator("section", has=page.locator("#changed"))
    assert "The values of seven days ago could not be read." in changed.inner_text()
    page = one.open(f"{SERIES}&compare=1")
    panel = page.locator("section", has=page.locator("#history"))
    assert "The history could not be read." in panel.inner_text()
    assert "may not call Query" in panel.inner_text()
    assert "No value" not in page.locator("main").inner_text()
    assert page.locator(".headline strong").inner_text() != "–"
    for path in ("/spokes", "/failures", "/thresholds", "/project/churn-forecast"):
        assert "Traceback" not in one.open(path).content()
    assert one.messages == []


def test_an_export_of_what_cannot_be_read_is_no_empty_file(tab: Callable[..., Tab], serve: Serve) -> None:
    """A file without values would be kept as a fact."""
    one = tab(serve(FailingSource(history=failed("Query"))))
    answer = one.context.request.get(f"{one.base}{SERIES}&format=csv")
    assert answer.status == 502
    assert "The history could not be read. Your credentials may not call Query." in answer.text()


def test_a_permission_that_is_granted_later_ends_the_message(tab: Callable[..., Tab], serve: Serve) -> None:
    """Nobody has to read the whole hub again for it."""
    source = FailingSource(recent=failed("Query"), history=failed("Query"))
    one = tab(serve(source))
    assert one.page.locator(".banner.warning").count() == 1
    source.errors.clear()
    assert one.open("/").locator(".banner.warning").count() == 0
    page = one.open(SERIES)
    assert "could not be read" not in page.locator("body").inner_text()
    assert page.locator("#values").count() == 1


@pytest.mark.parametrize("error", EXPIRED, ids=["session", "login"])
def test_credentials_that_expire_leave_the_last_read_until_they_are_renewed(
    tab: Callable[..., Tab], serve: Serve, error: Exception
) -> None:
    """The banner says what to do, everything else stays, and the button works again afterwards."""
    source = FailingSource()
    one = tab(serve(source))
    page: Any = one.page
    before = page.locator("table.matrix").inner_text()
    read_at = page.locator(".read time").get_attribute("datetime")
    source.errors = dict.fromkeys(("snapshot", "values_before", "recent", "history"), error)
    page = one.open(SERIES)
    banner = page.locator(".banner.warning")
    assert "Your credentials have expired. Renew them, for example with `aws sso login`" in banner.inner_text()
    assert "The history could not be read." in page.locator("main").inner_text()
    page = one.open("/")
    page.keyboard.press("r")
    page.wait_for_url("**/")
    expect(page.locator(".banner.warning").first).to_contain_text("What was read last stays.")
    assert page.locator("table.matrix").inner_text() == before
    assert page.locator(".read time").get_attribute("datetime") == read_at
    for path in ("/failures", "/spokes", "/?view=list&page=2", "/metric?name=EndpointInvocations24h"):
        assert "aws sso login" in one.open(path).locator(".banner.warning").first.inner_text(), path
    source.errors = {}
    page = one.open(f"{SERIES}&range=90d")
    page.get_by_role("button", name="Read the hub again").click()
    page.wait_for_url("**range=90d")
    assert page.locator(".banner.warning").count() == 0
    assert page.locator("#values").count() == 1
    assert one.messages == []


def test_the_message_of_an_error_stays_text(tab: Callable[..., Tab], serve: Serve) -> None:
    """AWS repeats names in it."""
    source = FailingSource(history=failed("Query", HOSTILE, HOSTILE), recent=failed("Query", HOSTILE, HOSTILE * 20))
    one = tab(serve(source))
    for path in ("/", SERIES):
        page = one.open(path)
        assert page.locator("img").count() == 0
        assert "\u202e" not in page.locator("body").inner_text()
        assert "<img src=x" in page.locator("body").inner_text()
    assert one.messages == []
