"""The server of the pages: who may ask, and what it answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from botocore.exceptions import ClientError, UnauthorizedSSOTokenError
from click.testing import CliRunner
from starlette.testclient import TestClient

from ds_dashboard.pages import render, report
from ds_dashboard.pages.index import Index
from ds_dashboard.publish.last_read import LastRead
from ds_dashboard_cli.main import cli
from ds_dashboard_dev.checkout import CHECKOUT
from ds_dashboard_web.app import application
from ds_dashboard_web.demo import DemoSource
from ds_dashboard_web.guard import Guard

PORT = 8300
PAGES = [
    "/",
    "/?view=list",
    "/?q=nothing-matches-this",
    "/?state=failing",
    "/?family=other&page=2",
    "/series/churn-forecast/prod?metric=TrainingBillableSeconds24h",
    "/series/churn-forecast/prod?metric=ModelVersion&range=90d",
    "/series/ads-ranking/prod?metric=NotebookInstancesInService&compare=1",
    "/series/yield-detection/dev?metric=IdleEndpoints7d",
    "/project/churn-forecast",
    "/metric?name=EndpointInvocations24h&sort=change",
    "/spokes",
    "/spokes?q=no-such-spoke",
    "/failures",
    "/thresholds",
    "/series/churn-forecast/prod?metric=CostMonthToDate",
]


@pytest.fixture
def client(state: LastRead) -> TestClient:
    return TestClient(
        Guard(application(state), ["localhost"], PORT, "secret"),
        base_url=f"http://localhost:{PORT}",
        follow_redirects=False,
    )


@pytest.fixture
def browser(client: TestClient) -> TestClient:
    """A browser that has opened the address."""
    answer = client.get("/?token=secret")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    return client


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_whole_without_a_script(browser: TestClient, address: str) -> None:
    """Nothing on it is made by JavaScript but the search as you type, keys, the theme and the zoom of the plot."""
    answer = browser.get(address)
    assert answer.status_code == 200
    assert answer.text.rstrip().endswith("</html>")
    assert " style=" not in answer.text
    assert "javascript:" not in answer.text
    assert not re.search(r"<script(?![^>]*(src=|application/json))", answer.text)
    assert "ds-dashboard" in re.findall(r'<code id="command">([^<]+)</code>', answer.text)[0]


def test_only_the_opened_browser_is_answered(client: TestClient) -> None:
    """Other users of the machine can connect to the loopback interface."""
    assert client.get("/").status_code == 401
    assert client.get("/?token=guess").status_code == 401
    assert client.get("/?token=secret&q=x").headers["location"] == "/?q=x"
    assert client.get("/").status_code == 200
    client.cookies.clear()
    assert client.get("/?token=secret").status_code == 401


def test_the_printed_address_opens_another_tab_of_the_same_browser(browser: TestClient) -> None:
    """People click on it in the terminal once more; the token stays out of what is shown."""
    answer = browser.get("/?token=secret&q=x")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?q=x")
    assert "set-cookie" not in answer.headers
    browser.cookies.clear()
    assert browser.get("/?token=secret").status_code == 401


def test_the_token_leads_to_no_other_host(client: TestClient) -> None:
    """Two slashes at the beginning of a path are the name of a host."""
    assert client.get(f"http://localhost:{PORT}//evil.example/?token=secret").headers["location"] == "/evil.example/"


def test_the_cookie_is_for_this_server_only(client: TestClient) -> None:
    """No script reads it, no other site sends it, and another port has another name."""
    cookie = client.get("/?token=secret").headers["set-cookie"]
    assert cookie.startswith(f"ds-dashboard-{PORT}=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:8300", "localhost.evil.example", "127.0.0.2", ""),
        *("localhost:8300/?x=", "localhost:@evil.example", "localhost:evil", "[::1].evil.example", "[::1"),
    ],
)
def test_a_name_that_leads_here_is_refused(browser: TestClient, host: str) -> None:
    """With such a name, a page of the internet is the same origin as this server."""
    assert browser.get("/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"}, 403),
        ("GET", {"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors"}, 403),
        ("GET", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, 200),
        ("POST", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, 403),
        ("POST", {"origin": "https://evil.example"}, 403),
        ("POST", {}, 403),
        ("POST", {"origin": f"http://localhost:{PORT}"}, 303),
        ("POST", {"sec-fetch-site": "same-origin"}, 303),
    ],
)
def test_other_sites_cannot_ask_or_act(browser: TestClient, method: str, headers: dict[str, str], status: int) -> None:
    """A link from elsewhere may open a page; nothing else may."""
    address = "/" if method == "GET" else "/read"
    assert browser.request(method, address, headers=headers).status_code == status


def test_what_acts_is_a_post(browser: TestClient) -> None:
    """A link or a picture must not read the hub."""
    assert browser.get("/read").status_code == 404


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", ""])
def test_a_read_returns_to_a_page_of_this_server(browser: TestClient, back: str) -> None:
    """Otherwise a form could lead the reader elsewhere."""
    answer = browser.post("/read", data={"back": back}, headers={"sec-fetch-site": "same-origin"})
    assert answer.headers["location"] == "/"


def test_the_policy_allows_no_inline_code_and_no_other_host(browser: TestClient) -> None:
    """Whatever a spoke names its metric."""
    policy = browser.get("/").headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert policy.startswith("default-src 'none'")


def test_an_address_without_a_page_says_so(browser: TestClient) -> None:
    """Without a stack trace."""
    for address in ("/nothing", "/project/none", "/metric?name=none", "/series/a/b?metric=c"):
        answer = browser.get(address)
        assert answer.status_code == 404
        assert "Not found" in answer.text


def test_values_are_exported_as_files(browser: TestClient) -> None:
    """With the names of the event contract, and exact numbers."""
    address = "/series/churn-forecast/prod?metric=TrainingBillableSeconds24h&format="
    csv = browser.get(f"{address}csv")
    assert csv.headers["content-disposition"] == 'attachment; filename="history.csv"'
    assert csv.text.splitlines()[0] == "MetricName,ExtractionDate,ProjectName,Environment,MetricValue,RefreshId"
    lines = [json.loads(line) for line in browser.get(f"{address}json").text.splitlines()]
    assert len(lines) == len(csv.text.splitlines()) - 1
    assert lines[0]["MetricName"] == "TrainingBillableSeconds24h"


class Failing(DemoSource):
    """A hub that cannot be read any more."""

    error: Exception | None = None

    def snapshot(self) -> Any:
        if self.error:
            raise self.error
        return super().snapshot()

    def recent(self, keys: Any) -> Any:
        if self.error:
            raise self.error
        return super().recent(keys)


def denied(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Scan")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (denied("ExpiredTokenException"), "aws sso login"),
        (UnauthorizedSSOTokenError(), "aws sso login"),
        (denied("AccessDeniedException"), "may not call Scan"),
    ],
)
def test_the_last_read_stays_if_a_newer_one_fails(source: DemoSource, error: Exception, words: str) -> None:
    """An expired login must not take away what was on the screen."""
    failing = Failing(source._now, {})
    state = LastRead(failing)
    state.read()
    failing.error = error
    client = TestClient(application(state))
    client.post("/read")
    page = client.get("/").text
    assert words in page
    assert "NotebookInstancesInService" in page


def test_a_mistake_of_ours_shows_no_stack_trace(state: LastRead, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the kind of the error, for a report."""
    monkeypatch.setattr(state, "now", lambda: 1 // 0)
    answer = TestClient(application(state), raise_server_exceptions=False).get("/spokes")
    assert answer.status_code == 500
    assert "Traceback" not in answer.text


def test_vendored_files_are_those_of_their_release() -> None:
    """Somebody may have changed them, or a tool that formats."""
    folder = CHECKOUT / "tools" / "ds_dashboard_web" / "assets" / "uplot"
    sources = json.loads((folder / "SOURCES.json").read_text())
    assert {name: sha256((folder / name).read_bytes()).hexdigest() for name in sources["sha256"]} == sources["sha256"]
    assert {one.name for one in folder.iterdir()} == {*sources["sha256"], "SOURCES.json"}


def test_a_report_is_one_file_without_script_or_request(index: Index, source: DemoSource) -> None:
    """It is opened from a disk, mailed, and kept."""
    files = report.report_files(index, source.recent, index.snapshot.read_at)
    (html,) = files.values()
    assert "<script" not in html
    assert "src=" not in html
    assert re.findall(r'href="(?!#)[^"]*"', html) == [], "nothing of a disk"
    digest = re.findall(r"style-src &#39;sha256-([^&]+)&#39;", html)
    assert len(digest) == 1
    assert "base-uri &#39;none&#39;; form-action &#39;none&#39;" in html, "what default-src leaves out"
    assert html.count('class="cell') == len(index.snapshot.series)


def test_a_large_report_has_a_file_for_each_project(index: Index, source: DemoSource) -> None:
    """Browsers get slow with tables of 20,000 cells."""
    files = report.report_files(index, source.recent, index.snapshot.read_at, max_series=100)
    projects = {one.project for one in index.snapshot.series}
    assert len(files) == len(projects) + 1
    assert sum(html.count('class="cell') for html in files.values()) == len(index.snapshot.series)
    for name in files.keys() - {"index.html"}:
        assert f'href="{name}"' in files["index.html"]
        assert re.findall(r'href="(?!#)[^"]*"', files[name]) == ['href="index.html"']
    named = report.linked(files, "a b.html")
    assert 'href="a%20b-projects/project-00000.html"' in named["a b.html"]
    assert 'href="../a%20b.html"' in named["a b-projects/project-00000.html"]


def test_page_and_report_show_the_same_cells(browser: TestClient, index: Index, source: DemoSource) -> None:
    """One renderer makes both."""
    (html,) = report.report_files(index, source.recent, index.snapshot.read_at).values()
    page = browser.get("/project/churn-forecast").text
    shown: Callable[[str], set[str]] = lambda text: set(re.findall(r'title="(churn-forecast/[^"]+)"', text))  # noqa: E731
    assert shown(page) == shown(html)
    assert len(shown(page)) == 30


def test_the_command_writes_the_report(tmp_path: Any) -> None:
    """Without AWS, to look at before anything is deployed."""
    result = CliRunner().invoke(cli, ["report", "--demo", "-o", str(tmp_path / "report.html")])
    assert result.exit_code == 0, result.output
    assert "Made-up data" in (tmp_path / "report.html").read_text()


def test_names_break_where_people_would_break_them() -> None:
    """A table's head has long names and narrow columns."""
    assert render.camel_parts("CompletedTrainingJobs24h") == ["Completed", "Training", "Jobs", "24h"]
    assert "".join(render.camel_parts("a_b-c/D.ß(x=1)")) == "a_b-c/D.ß(x=1)"


def test_no_text_ends_a_script_with_data() -> None:
    """The plot's data have names of environments in them."""
    assert "</script" not in render.json_for_script({"x": "</script><img onerror=1>&"})


def test_other_machines_need_a_token() -> None:
    """The connection is not encrypted."""
    result = CliRunner().invoke(cli, ["web", "--demo", "--host", "0.0.0.0", "--no-browser"])
    assert result.exit_code == 2
    assert "--token" in result.output
