"""Where the demo and the tests take Terraform from, tried against a server on loopback."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ds_dashboard_dev.checkout import Failure
from ds_dashboard_dev.terraform import installation

PROGRAM = b"#!/bin/sh\necho pinned\n"


class Releases:
    """A release server: what it serves stands in `files`, path to content."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content = outer.files.get(self.path)
                self.send_response(404 if content is None else 200)
                self.end_headers()
                self.wfile.write(content or b"")

            def log_message(self, *_: object) -> None:
                """Keep the test's output quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/terraform"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def publish(self, *, checksum: str | None = None) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as bundle:
            bundle.writestr("terraform", PROGRAM)
        version = installation.PINNED
        archive = f"terraform_{version}_{installation._platform()}.zip"
        digest = checksum or hashlib.sha256(buffer.getvalue()).hexdigest()
        self.files[f"/terraform/{version}/{archive}"] = buffer.getvalue()
        self.files[f"/terraform/{version}/terraform_{version}_SHA256SUMS"] = f"{digest}  {archive}\n".encode()


@pytest.fixture
def releases(monkeypatch: pytest.MonkeyPatch) -> Iterator[Releases]:
    served = Releases()
    monkeypatch.setenv("DS_DASHBOARD_TERRAFORM_URL", served.url)
    monkeypatch.delenv("DS_DASHBOARD_TERRAFORM_DOWNLOAD", raising=False)
    yield served
    served.server.shutdown()
    served.server.server_close()


def test_a_missing_terraform_is_downloaded_said_beforehand_and_executable(releases: Releases, tmp_path: Path) -> None:
    """A download of 90 MB must not come as a surprise."""
    releases.publish()
    said: list[str] = []
    binary = installation.download(tmp_path, said.append)
    assert binary.read_bytes() == PROGRAM
    assert binary.stat().st_mode & 0o111
    assert releases.url in said[0]
    assert "DS_DASHBOARD_TERRAFORM_DOWNLOAD=no" in said[1]


def test_a_second_run_downloads_nothing(releases: Releases, tmp_path: Path) -> None:
    """It is kept in an ignored folder."""
    releases.publish()
    installation.download(tmp_path, lambda _: None)
    releases.files.clear()
    assert installation.download(tmp_path, lambda _: None).is_file()


def test_a_wrong_checksum_keeps_nothing(releases: Releases, tmp_path: Path) -> None:
    """A tampered binary would run with the user's credentials."""
    releases.publish(checksum="0" * 64)
    with pytest.raises(Failure, match="published checksum is 0000"):
        installation.download(tmp_path, lambda _: None)
    assert not list(tmp_path.rglob("terraform"))


def test_a_failing_server_is_named_with_the_way_out(releases: Releases, tmp_path: Path) -> None:
    """The user learns which address failed, and how to get Terraform by hand."""
    with pytest.raises(Failure) as failure:
        installation.download(tmp_path, lambda _: None)
    assert releases.url in str(failure.value)
    assert "DS_DASHBOARD_TERRAFORM_URL" in str(failure.value)


def test_the_download_can_be_refused(releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some machines may install nothing by themselves."""
    releases.publish()
    monkeypatch.setenv("DS_DASHBOARD_TERRAFORM_DOWNLOAD", "no")
    with pytest.raises(Failure, match="disables its download"):
        installation.download(tmp_path, lambda _: None)


def test_a_named_mirror_without_the_provider_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A mistyped path would otherwise end in Terraform's long retries against the registry."""
    monkeypatch.setenv("DS_DASHBOARD_PLUGIN_MIRROR", str(tmp_path))
    installation.provider_mirror.cache_clear()
    try:
        with pytest.raises(Failure, match="terraform providers mirror"):
            installation.provider_mirror()
    finally:
        installation.provider_mirror.cache_clear()


def test_without_a_registry_an_implied_mirror_is_found_and_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The two commands work without a variable set."""
    mirror = tmp_path / ".terraform.d" / "plugins"
    (mirror / installation.REGISTRY / "hashicorp" / "aws").mkdir(parents=True)
    monkeypatch.delenv("DS_DASHBOARD_PLUGIN_MIRROR", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "missing"))
    monkeypatch.setattr(installation, "_registry_is_reachable", lambda: False)
    installation.provider_mirror.cache_clear()
    try:
        assert installation.provider_mirror() == mirror
    finally:
        installation.provider_mirror.cache_clear()
    assert str(mirror) in capsys.readouterr().err
