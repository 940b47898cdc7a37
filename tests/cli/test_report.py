"""The hub's own report: written under the role of the module, and fetched with the rights of a reader."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.support import planned
from tests.support.events import FAILURE, RESULT, RUN, failure, result, run_event
from tests.support.tables import HUB, REGION, SPOKE, HubTables

from ds_dashboard.client.errors import HubError
from ds_dashboard.handlers.report import handler
from ds_dashboard.identity import Names
from ds_dashboard_dev.checkout import CHECKOUT

# What a spreadsheet would run, and a browser.
HOSTILE = "=HYPERLINK(1)"
MARKUP = '"><img onerror>'


@pytest.fixture
def bucket(hub: HubTables) -> str:
    """The bucket of the report, empty."""
    name = Names(hub.name).report_bucket(HUB, REGION)
    s3 = hub.account.s3
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


@pytest.fixture
def write(hub: HubTables, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, int]]:
    """Runs the function under a role with these statements, as Lambda does."""

    def run(statements: list[dict[str, Any]], **variables: str) -> dict[str, int]:
        for name, value in {**hub.env, **hub.as_role(*statements), "AWS_DEFAULT_REGION": REGION}.items():
            monkeypatch.delenv(name, raising=False)
            if value is not None:
                monkeypatch.setenv(name, value)
        monkeypatch.setattr("ds_dashboard.publish.own_hub.MANIFEST", CHECKOUT / "modules" / "spoke" / "metrics.json")
        settings = {
            "REPORT_BUCKET": bucket,
            "MONITORED_PROJECTS_PATH": hub.path,
            "SILENT_AFTER_HOURS": "26",
            **variables,
        }
        for name, value in settings.items():
            monkeypatch.setenv(f"DS_DASHBOARD_{name}", value)
        sizes: dict[str, int] = handler({}, SimpleNamespace())["Objects"]
        return sizes

    return run


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that a browser was told to open."""
    addresses: list[str] = []
    monkeypatch.setattr("webbrowser.open", addresses.append)
    return addresses


@pytest.fixture
def values(hub: HubTables) -> None:
    """Numbers, a text, a failure, and a spoke that is registered and has never reported."""
    hub.send(RESULT, result(MetricName="Jobs", MetricValue=3), result(MetricName="Owner", MetricValue=HOSTILE))
    hub.send(FAILURE, failure(MetricName="Broken", ErrorMessage=MARKUP))
    hub.send(RUN, run_event())
    hub.register("Never/dev")


def _object(hub: HubTables, bucket: str, key: str) -> tuple[str, dict[str, Any]]:
    answer = hub.account.s3.get_object(Bucket=bucket, Key=key)
    return gzip.decompress(answer["Body"].read()).decode(), answer


@pytest.mark.usefixtures("values")
def test_the_planned_role_writes_the_report_and_the_values(
    hub: HubTables, bucket: str, write: Callable[..., dict[str, int]]
) -> None:
    """A browser shows the object as it is: the headers say what it is, and that it is never old."""
    sizes = write(planned.statements_of("report", hub))
    assert list(sizes) == ["report.html", "latest.csv"]
    html, answer = _object(hub, bucket, "report.html")
    assert (answer["ContentType"], answer["ContentEncoding"]) == ("text/html; charset=utf-8", "gzip")
    assert answer["CacheControl"] == "no-cache"
    assert answer["ContentLength"] == sizes["report.html"]
    assert html.startswith("<!doctype html>")
    assert "Never/dev" in html
    assert MARKUP not in html
    assert "<script" not in html
    text, answer = _object(hub, bucket, "latest.csv")
    assert answer["ContentType"] == "text/csv; charset=utf-8"
    rows = {one["MetricName"]: one for one in csv.DictReader(io.StringIO(text))}
    assert (rows["Jobs"]["MetricValue"], rows["Jobs"]["ValueType"], rows["Jobs"]["AccountId"]) == ("3", "number", SPOKE)
    assert rows["Owner"]["MetricValue"] == f"'{HOSTILE}"
    assert (rows["Broken"]["State"], rows["Broken"]["MetricValue"]) == ("failing", "")


@pytest.mark.usefixtures("values")
def test_each_permission_is_needed(hub: HubTables, write: Callable[..., dict[str, int]]) -> None:
    """What nothing needs, the role must not have. Registrations that cannot be read are a warning."""
    fewer = planned.each_without_one(planned.statements_of("report", hub), unneeded="ssm:GetParametersByPath")
    assert len(fewer) == 6
    for statements in fewer:
        with pytest.raises(ClientError, match="AccessDenied"):
            write(statements)


@pytest.mark.usefixtures("values")
def test_what_does_not_exist_is_named(hub: HubTables, bucket: str, write: Callable[..., dict[str, int]]) -> None:
    """The operator reads the log of the function. The messages of AWS name neither table nor bucket."""
    statements = planned.statements_of("report", hub)
    hub.account.s3.delete_bucket(Bucket=bucket)
    with pytest.raises(HubError, match=rf"^bucket {bucket}: does not exist.\nApply the hub again."):
        write(statements)
    hub.account.dynamodb.delete_table(TableName=f"{hub.name}-latest")
    with pytest.raises(HubError, match=rf"^table {hub.name}-latest: does not exist.\nApply the hub again."):
        write(statements)


@pytest.mark.usefixtures("values")
def test_a_report_of_some_projects_shows_no_other(
    hub: HubTables, bucket: str, write: Callable[..., dict[str, int]]
) -> None:
    hub.send(RESULT, result(ProjectName="Q", Environment="prod", MetricName="Secret"), account="333333333333")
    write(planned.statements_of("report", hub), REPORT_PROJECTS='["P","P"]')
    for key in ("report.html", "latest.csv"):
        text, _ = _object(hub, bucket, key)
        assert "Secret" not in text
        assert "Jobs" in text.replace("<wbr>", "")
    html, _ = _object(hub, bucket, "report.html")
    assert "Only the project P." in html
    assert f"ds-dashboard latest --projects P --name {hub.name} --region {REGION}</code>" in html, "in any terminal"


@pytest.mark.usefixtures("values")
def test_a_reader_opens_the_report(
    hub: HubTables, bucket: str, write: Callable[..., dict[str, int]], opened: list[str], tmp_path: Path
) -> None:
    """With nothing but what the reader policy adds for it, and without a link that somebody else could use."""
    write(planned.statements_of("report", hub))
    reader = hub.as_role(
        {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [f"arn:aws:s3:::{bucket}/*"]},
        {"Effect": "Allow", "Action": ["sts:GetCallerIdentity"], "Resource": ["*"]},
    )
    hub.run("report", "--open", **reader)
    hub.run("report", "--open", "-o", tmp_path / "mine.html", **reader)
    assert opened[1] == (tmp_path / "mine.html").as_uri()
    for address in opened:
        path = Path(address.removeprefix("file://"))
        assert path.read_text() == _object(hub, bucket, "report.html")[0]
    assert Path(opened[0].removeprefix("file://")).parent.stat().st_mode & 0o077 == 0, "for this user only"


def test_the_files_of_projects_are_fetched_too(hub: HubTables, bucket: str, opened: list[str], tmp_path: Path) -> None:
    """A hub with more series than a file holds has one for each project."""
    s3 = hub.account.s3
    link = "report-projects/project-00000.html"
    s3.put_object(Bucket=bucket, Key="report.html", Body=f'<a href="{link}">P</a>'.encode())
    page = b'<a href="../report.html">values</a>'
    s3.put_object(Bucket=bucket, Key=link, Body=gzip.compress(page), ContentEncoding="gzip")
    hub.run("report", "--open", "-o", tmp_path / "my own.html")
    assert link in (tmp_path / "my own.html").read_text()
    assert (tmp_path / link).read_text() == '<a href="../my%20own.html">values</a>', "the way back"
    assert len(opened) == 1


@pytest.mark.usefixtures("values")
def test_a_report_that_cannot_be_written_leaves_the_last_one(hub: HubTables, tmp_path: Path) -> None:
    """Neither a table that is denied nor a full disk may leave half a report in its place."""
    file = tmp_path / "report.html"
    hub.run("report", "-o", file)
    before = file.read_text()
    assert "Never/dev" in before
    assert f"ds-dashboard latest --name {hub.name} --region {REGION}</code>" in before, "in any terminal"
    nobody = hub.as_role({"Effect": "Allow", "Action": ["sts:GetCallerIdentity"], "Resource": ["*"]})
    hub.run("report", "-o", file, code=1, **nobody)
    assert [one.name for one in tmp_path.iterdir()] == ["report.html"]
    assert file.read_text() == before
    for place in (tmp_path / "report.html" / "more.html", tmp_path):
        error = hub.run("report", "-o", place, code=1).stderr
        assert "cannot be written: " in error
        assert "Reading the hub" not in error, "before the hub is read, which may take a minute"


def test_a_machine_without_a_browser_is_told(hub: HubTables, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over SSH, nothing would happen."""
    hub.account.s3.put_object(Bucket=bucket, Key="report.html", Body=b"values")
    monkeypatch.setattr("webbrowser.open", lambda _: False)
    assert "No browser was found on this machine." in hub.run("report", "--open").stderr


def test_a_hub_without_a_report_is_named_with_the_fix(hub: HubTables, opened: list[str]) -> None:
    error = hub.run("report", "--open", code=1).stderr
    assert "does not exist: the hub writes no report." in error
    assert "report = { schedule" in error
    assert opened == []


def test_a_report_that_is_not_there_yet_or_may_not_be_read_is_named(
    hub: HubTables, bucket: str, opened: list[str]
) -> None:
    error = hub.run("report", "--open", code=1).stderr
    assert "has no report yet" in error
    assert f"aws lambda invoke --function-name {hub.name}-report /dev/stdout" in error
    nobody = hub.as_role({"Effect": "Allow", "Action": ["sts:GetCallerIdentity"], "Resource": ["*"]})
    error = hub.run("report", "--open", code=1, **nobody).stderr
    assert f"bucket {bucket}: cannot be read" in error
    assert "reader_policy_json" in error
    assert opened == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "-o: is required without --open."),
        (("--open", "--demo"), "--open: fetches what the hub has written."),
        (("-o", "-"), "-o: needs the name of a file"),
        (("--open", "-o", "-"), "-o: needs the name of a file"),
    ],
)
def test_options_that_do_not_fit_are_named(words: tuple[str, ...], message: str, hub: HubTables) -> None:
    assert message in hub.run("report", *words, code=2).stderr


def test_the_bucket_is_the_one_of_the_module() -> None:
    """The command finds it by its name, without asking anybody."""
    assert Names("team-a").report_bucket("111111111111", "eu-west-1") == planned.REPORT_BUCKET
    assert len(Names("a" * 32).report_bucket("1" * 12, REGION)) <= 63
