"""The request for fresh values, from the button to what the page says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from ds_dashboard.publish.source import Source

from .sources import BIDI, HOSTILE, METRICS, PROJECT, FailingSource, HostileSource, failed
from .tabs import Tab

SERIES = "/series/churn-forecast/prod?metric=TrainingBillableSeconds24h&range=90d"
ID = "01JDABCDEFGHJKMNPQRSTVWXYZ"
Serve = Callable[[Source], str]


class AcceptingSource(FailingSource):
    """A hub that accepts each refresh."""

    def refresh(self, metrics: Sequence[str], projects: Sequence[str], environments: Sequence[str]) -> str:
        """Return the ID, unless it fails."""
        self._check("refresh")
        return ID


@pytest.mark.parametrize("javascript", [True, False])
def test_a_button_requests_a_fresh_value(tab: Callable[..., Tab], serve: Serve, javascript: bool) -> None:
    """The page comes back with its range, and says until the next read what to do."""
    one = tab(serve(AcceptingSource()), java_script_enabled=javascript)
    page = one.open(SERIES)
    page.get_by_role("button", name="Request a fresh value").click()
    page.wait_for_url("**range=90d")
    said = page.get_by_text("Requested at").inner_text()
    assert f"UTC (refresh ID {ID}): TrainingBillableSeconds24h of churn-forecast/prod. Read the hub again" in said
    for path, button in (("/project/churn-forecast", "values"), ("/metric?name=CostMonthToDate&env=prod", "values")):
        one.open(path).get_by_role("button", name=f"Request fresh {button}").click()
        page.wait_for_url(f"**{path}")
    assert page.get_by_text("Requested at").count() == 3
    page.get_by_role("button", name="Read the hub again").click()
    page.wait_for_load_state()
    assert page.get_by_text("Requested at").count() == 0
    assert one.messages == []


def test_a_reader_without_the_permission_is_told_who_grants_it(tab: Callable[..., Tab], serve: Serve) -> None:
    """Readers may look; operators may request."""
    one = tab(serve(AcceptingSource(refresh=failed("Invoke", message=HOSTILE))))
    page = one.open(SERIES)
    page.get_by_role("button", name="Request a fresh value").click()
    page.wait_for_url("**range=90d")
    banner = page.locator(".banner.warning").inner_text()
    assert banner.startswith("No fresh value of TrainingBillableSeconds24h of churn-forecast/prod was requested.")
    assert banner.endswith("Your credentials may not call Invoke. The hub's operator_policy_json grants it.")
    assert page.locator("#values").count() == 1
    assert one.messages == []


def test_made_up_data_says_that_it_cannot_be_refreshed(tab: Callable[..., Tab], serve: Serve) -> None:
    """The demonstration looks like the real pages."""
    one = tab(serve(FailingSource()))
    one.open(SERIES).get_by_role("button", name="Request a fresh value").click()
    one.page.get_by_text("made-up data cannot be refreshed. Start `ds-dashboard web` without --demo.").wait_for()


def test_hostile_names_are_requested_as_they_are_and_shown_as_text(tab: Callable[..., Tab], serve: Serve) -> None:
    """The form has the exact name, the page and the command the one that is spelled out, or none."""
    requests: list[tuple[Sequence[str], ...]] = []

    class Recording(HostileSource):
        def refresh(self, *names: Sequence[str]) -> str:
            requests.append(names)
            return super().refresh(*names)

    one = tab(serve(Recording()))
    links = one.open(f"/?q={PROJECT[:4]}&view=list").eval_on_selector_all(
        "#result tbody th a", "all => all.map(one => one.getAttribute('href'))"
    )
    for link in links:
        page = one.open(link)
        page.get_by_role("button", name="Request a fresh value").click()
        page.get_by_text("Requested at").first.wait_for()
        assert page.locator("img").count() == 0
        shown = page.locator("body").inner_text()
        assert not {mark for mark in BIDI if not mark.isprintable()} & set(shown)
    assert {names[0][0] for names in requests} >= {*METRICS}
    assert {(*names[1], *names[2]) for names in requests} >= {(PROJECT, PROJECT)}
    assert one.messages == []
