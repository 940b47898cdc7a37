"""Pages of tables, links to a page, and the back button: the address is the state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from .tabs import Tab

ROWS = "[...document.querySelectorAll('#result tbody tr')].map(one => one.innerText)"


def rows(page: Any) -> list[str]:
    """Return the rows of the table as people read them."""
    found: list[str] = page.evaluate(ROWS)
    return found


def wait_for_result(page: Any, count: int) -> None:
    """Wait until JavaScript has put this many rows into the list."""
    # The policy stops what `wait_for_function` evaluates.
    expect(page.locator("#result table.list tbody tr")).to_have_count(count)


@pytest.mark.parametrize("by_key", [False, True])
def test_a_table_is_paged_by_click_and_by_key(tab: Callable[..., Tab], demo: str, by_key: bool) -> None:
    """Every row is on one page, and the first and last page lead no further."""

    def turn(key: str, relation: str, address: str) -> None:
        if by_key:
            page.keyboard.press(key)
        else:
            page.locator(f"a[rel={relation}]").click()
        page.wait_for_url(address)

    one = tab(demo)
    page = one.open("/?view=list&env=prod&sort=metric")
    assert page.locator("a[rel=prev]").count() == 0
    first = rows(page)
    turn("n", "next", "**&page=2")
    second = rows(page)
    turn("n", "next", "**&page=3")
    turn("n", "next", "**&page=4")
    last = rows(page)
    assert page.locator("a[rel=next]").count() == 0
    page.keyboard.press("n")
    assert page.locator(".pager span").first.inner_text() == "121–140 of 140 series"
    assert (len(first), len(second), len(last)) == (40, 40, 20)
    assert not {*first} & {*second}
    for address in ("**&page=3", "**&page=2", "**&page=1"):
        turn("p", "prev", address)
    assert rows(page) == first
    assert one.messages == []


def test_a_link_shows_in_another_browser_what_it_showed_in_the_first(tab: Callable[..., Tab], demo: str) -> None:
    """People send each other links; the token is not in them."""
    page = tab(demo).open("/?view=list&state=stale")
    page.locator("#q").fill("price prod")
    wait_for_result(page, 1)
    shown, link = rows(page), page.url
    assert "token" not in link
    other = tab(demo)
    page = other.open(link.removeprefix(other.base))
    assert rows(page) == shown
    assert page.locator("#q").input_value() == "price prod"
    # Straight to the server, and then to the page: the token may be in front of any address.
    third = tab(demo.replace("/?", f"{link.removeprefix(other.base)}&"))
    assert rows(third.page) == shown
    assert third.page.url == link


def test_back_returns_to_what_was_seen(tab: Callable[..., Tab], demo: str) -> None:
    """Also to the page of a table, to the range of a plot, and to what was found while typing."""
    one = tab(demo)
    page = one.page
    page.keyboard.press("/")
    page.keyboard.type("churn prod")
    wait_for_result(page, 10)
    found = rows(page)
    page.locator("#result tbody th a").first.click()
    page.wait_for_url("**/series/**")
    page.get_by_role("link", name="90d").click()
    page.wait_for_url("**range=90d**")
    page.go_back()
    assert page.locator('[aria-label="Range"] [aria-current]').inner_text() == "30d"
    page.go_back()
    page.wait_for_url("**/?q=churn+prod")
    assert rows(page) == found
    assert page.locator("#q").input_value() == "churn prod"
    page.go_forward()
    page.wait_for_url("**/series/**")
    assert one.messages == []


def test_a_search_keeps_the_rest_and_gives_it_back(tab: Callable[..., Tab], demo: str) -> None:
    """Every link on the page has the words, and without words the page is what it was."""
    page = tab(demo).open("/?env=prod&view=list&sort=value")
    before = rows(page)
    page.locator("#q").fill("churn")
    wait_for_result(page, 10)
    assert page.url.endswith("/?q=churn&env=prod&view=list&sort=value")
    links = page.eval_on_selector_all(".bar a, #result thead a", "all => all.map(one => one.search)")
    assert len(links) > 8
    assert all("q=churn" in link for link in links)
    page.locator("#q").fill("")
    wait_for_result(page, 40)
    assert rows(page) == before


def test_a_search_of_spokes_keeps_their_state(tab: Callable[..., Tab], demo: str) -> None:
    """The chips beside it count the same spokes."""
    page = tab(demo).open("/spokes?state=silent")
    page.locator("#q").fill("basket")
    wait_for_result(page, 1)
    assert page.url.endswith("/spokes?q=basket&state=silent")


def test_the_panels_come_and_go_with_the_words(tab: Callable[..., Tab], demo: str) -> None:
    """A page that was opened with words has them too when the words are gone."""
    page = tab(demo).open("/?q=churn")
    assert page.locator(".panels").count() == 0
    page.locator("#q").fill("")
    page.wait_for_selector(".panels #attention")
    page.locator("#q").fill("churn")
    page.wait_for_selector(".panels", state="detached")


def test_a_search_of_a_server_that_has_ended_says_so(tab: Callable[..., Tab], demo: str) -> None:
    """An old result next to new words would be wrong."""
    page = tab(demo).page
    page.route("**/?q=*", lambda route: route.fulfill(status=502, body="The hub cannot be read."))
    page.locator("#q").fill("churn")
    page.get_by_text("The hub cannot be read.").wait_for()
