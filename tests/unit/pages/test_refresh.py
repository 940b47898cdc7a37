"""The request for fresh values from a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.exceptions import ClientError
from starlette.testclient import TestClient

from ds_dashboard.client.refresh import RefreshError
from ds_dashboard.pages import report
from ds_dashboard.pages.index import Index
from ds_dashboard.pages.model import Series, Snapshot
from ds_dashboard.publish import widget
from ds_dashboard.publish.last_read import LastRead
from ds_dashboard.states import State
from ds_dashboard_web.app import application
from ds_dashboard_web.demo import DemoSource
from ds_dashboard_web.guard import Guard

from .conftest import NOW

ID = "01JDABCDEFGHJKMNPQRSTVWXYZ"
HOSTILE = '"><img src=x onerror=alert(1)>\u202e\r\x00,A/B'
WITH_ARGUMENTS = "Owner(parameter_name=/b)"
Request = tuple[Sequence[str], Sequence[str], Sequence[str]]


class Refreshing(DemoSource):
    """A hub that takes refreshes, or fails with an error."""

    def __init__(self, now: datetime) -> None:
        super().__init__(now, {})
        self.requests: list[Request] = []
        self.error: Exception | None = None

    def snapshot(self) -> Snapshot:
        made = super().snapshot()
        base: dict[str, Any] = {"value": None, "unit": None, "time": None, "state": State.FRESH}
        more = [
            Series(project="P", environment="dev", metric=name, **base) for name in (HOSTILE, WITH_ARGUMENTS, "Owner")
        ]
        return Snapshot(hub="h", account="", region="r", read_at=made.read_at, series=[*made.series, *more], spokes=[])

    def values_before(self, snapshot: Snapshot) -> Any:
        return {}

    def recent(self, keys: Any) -> Any:
        return {}

    def history(self, key: Any, since: datetime, until: datetime) -> Any:
        return ()

    def refresh(self, metrics: Sequence[str], projects: Sequence[str], environments: Sequence[str]) -> str:
        self.requests.append((metrics, projects, environments))
        if self.error:
            raise self.error
        return ID


@pytest.fixture
def refreshing() -> Refreshing:
    return Refreshing(NOW)


@pytest.fixture
def client(refreshing: Refreshing) -> TestClient:
    """A browser that has opened the address of the hub."""
    guarded = Guard(application(LastRead(refreshing)), ["localhost"], 8300, "secret")
    browser = TestClient(guarded, base_url="http://localhost:8300", headers={"sec-fetch-site": "same-origin"})
    browser.get("/?token=secret")
    return browser


def fields(wanted: dict[str, str], back: str = "/") -> dict[str, str]:
    """Return the fields of the form on a page."""
    return {"wanted": urlencode(wanted), "back": back}


SERIES = {"metric": "CostMonthToDate", "project": "churn-forecast", "environment": "prod"}


@pytest.mark.parametrize(
    ("form", "request_"),
    [
        (SERIES, (["CostMonthToDate"], ["churn-forecast"], ["prod"])),
        ({"project": "churn-forecast"}, ([], ["churn-forecast"], [])),
        ({"metric": "CostMonthToDate"}, (["CostMonthToDate"], [], [])),
        ({"metric": "CostMonthToDate", "environment": "dev"}, (["CostMonthToDate"], [], ["dev"])),
        # Exactly, with the line break and NUL that a browser would change in a form.
        ({"metric": HOSTILE, "project": "P", "environment": "dev"}, ([HOSTILE], ["P"], ["dev"])),
    ],
)
def test_what_a_page_shows_can_be_requested(
    client: TestClient, refreshing: Refreshing, form: dict[str, str], request_: Request
) -> None:
    """A series, a project, or a metric, with exactly the names that the spokes have."""
    page = client.post("/refresh", data=fields(form, back="/spokes"))
    assert refreshing.requests == [request_]
    assert page.url.path == "/spokes"
    assert f"(refresh ID <code>{ID}</code>): " in page.text
    assert "\u202e" not in page.text
    assert "<img" not in page.text
    # A new read has the values, or not yet: it is another state.
    assert ID not in client.post("/read").text


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"environment": "prod"},
        {"metric": ""},
        {**SERIES, "metric": "NoSuchMetric"},
        {**SERIES, "project": "no-such-project"},
        {**SERIES, "environment": "no-such-environment"},
        {"metric": "costmonthtodate"},
        {"metric": "CostMonthToDate,Owner"},
        {"project": "%"},
        {"project": "P", "metric": "' OR 1=1 --"},
        {"project": '"><img src=x onerror=alert(1)>\u202e'},
        # The page does not know the values of the arguments; the command does.
        {"project": "P", "environment": "dev", "metric": WITH_ARGUMENTS},
        {**SERIES, "padding": "x" * 10_000},
    ],
)
def test_names_that_the_hub_does_not_have_are_refused(
    client: TestClient, refreshing: Refreshing, form: dict[str, str]
) -> None:
    """Whatever sends the form, it can name only what is on the pages."""
    answer = client.post("/refresh", data=fields(form))
    assert answer.status_code == 400
    assert "Nothing was requested" in answer.text
    assert "<img" not in answer.text
    assert refreshing.requests == []


def test_only_a_form_of_these_pages_requests(client: TestClient, refreshing: Refreshing) -> None:
    """A link, a picture, or a page of the internet must not make spokes work."""
    query = "&".join(f"{name}={value}" for name, value in SERIES.items())
    assert client.get(f"/refresh?{query}").status_code == 404
    assert client.head(f"/refresh?{query}").status_code in (404, 405)
    for site in ("cross-site", "same-site"):
        assert client.post("/refresh", data=fields(SERIES), headers={"sec-fetch-site": site}).status_code == 403
    client.cookies.clear()
    assert client.post("/refresh", data=fields(SERIES)).status_code == 401
    assert refreshing.requests == []


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_a_request_returns_to_a_page_of_this_server(client: TestClient, back: str) -> None:
    """Otherwise a form could lead the reader elsewhere."""
    answer = client.post("/refresh", data=fields(SERIES, back=back), follow_redirects=False)
    assert answer.headers["location"] == "/"


def denied(code: str, operation: str = "Invoke") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, operation)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (denied("AccessDeniedException"), "may not call Invoke. The hub&#39;s operator_policy_json grants it."),
        (denied("ExpiredTokenException"), "aws sso login"),
        (denied("TooManyRequestsException"), "Invoke failed: TooManyRequestsException: no"),
        (RefreshError("function f", "failed: <b>.", "See its log group."), "function f: failed: &lt;b&gt;."),
    ],
)
def test_a_request_that_fails_says_why(
    client: TestClient, refreshing: Refreshing, error: Exception, words: str
) -> None:
    """With what to do, and without a stack trace; one that is accepted ends the message."""
    refreshing.error = error
    page = client.post("/refresh", data=fields(SERIES)).text
    assert words in page
    assert "Traceback" not in page
    refreshing.error = None
    assert "No fresh value" not in client.post("/refresh", data=fields(SERIES)).text


def test_made_up_data_cannot_be_refreshed(state: LastRead) -> None:
    """The button is there to look at, and says so."""
    page = TestClient(application(state)).post("/refresh", data=fields(SERIES)).text
    assert "made-up data cannot be refreshed. Start `ds-dashboard web` without --demo." in " ".join(page.split())


PAGES = {
    "/series/churn-forecast/prod?metric=CostMonthToDate": (
        "--metrics CostMonthToDate --projects churn-forecast --environments prod"
    ),
    "/project/churn-forecast": "--projects churn-forecast",
    "/metric?name=CostMonthToDate": "--metrics CostMonthToDate",
    "/metric?name=CostMonthToDate&env=prod": "--metrics CostMonthToDate --environments prod",
}


@pytest.mark.parametrize("address", PAGES)
def test_a_page_offers_the_request_and_shows_its_command(client: TestClient, address: str) -> None:
    """The command does the same in a script."""
    text = client.get(address).text
    assert text.count('action="/refresh"') == 1
    assert f"ds-dashboard refresh {PAGES[address]}</code>" in text


def test_a_series_with_arguments_offers_no_request(client: TestClient) -> None:
    """Its metric would be computed with the arguments that are deployed."""
    assert 'action="/refresh"' not in client.get(f"/series/P/dev?metric={WITH_ARGUMENTS}").text
    assert 'action="/refresh"' in client.get("/series/P/dev?metric=Owner").text


def test_only_the_server_of_pages_offers_it(
    index: Index, source: DemoSource, state: LastRead, client: TestClient
) -> None:
    """A file cannot send it, and the role of the widget's function may not."""
    ask: Callable[[str], str] = lambda address: widget.answer(state, {"address": address}, "arn")  # noqa: E731
    texts = [*report.report_files(index, source.recent, NOW).values(), *map(ask, PAGES)]
    assert all("/refresh" not in text and "Request " not in text for text in texts)
