"""Which Terraform runs and where its provider comes from. Releases come from a server on the loopback address."""

from __future__ import annotations

import hashlib
import io
import os
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ds_dashboard_dev.checkout import CHECKOUT, Failure
from ds_dashboard_dev.plans import latest
from ds_dashboard_dev.terraform import installation, root

PROGRAM = b"#!/bin/sh\necho pinned\n"


class Releases:
    """A release server. It serves `files`: path -> content."""

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


def test_a_missing_terraform_is_announced_and_downloaded_as_an_executable(releases: Releases, tmp_path: Path) -> None:
    """A download of 90 MB must not come as a surprise."""
    releases.publish()
    messages: list[str] = []
    binary = installation.download(tmp_path, messages.append)
    assert binary.read_bytes() == PROGRAM
    assert binary.stat().st_mode & 0o111
    assert releases.url in messages[0]
    assert "DS_DASHBOARD_TERRAFORM_DOWNLOAD=no" in messages[1]


def test_a_second_run_downloads_nothing(releases: Releases, tmp_path: Path) -> None:
    """The binary stays in a folder that git ignores."""
    releases.publish()
    installation.download(tmp_path, lambda _: None)
    releases.files.clear()
    assert installation.download(tmp_path, lambda _: None).is_file()


def test_a_download_with_a_wrong_checksum_is_discarded(releases: Releases, tmp_path: Path) -> None:
    """A tampered binary would run with the user's credentials."""
    releases.publish(checksum="0" * 64)
    with pytest.raises(Failure, match="published checksum is 0000"):
        installation.download(tmp_path, lambda _: None)
    assert not list(tmp_path.rglob("terraform"))


def test_a_failing_server_is_named_with_a_remedy(releases: Releases, tmp_path: Path) -> None:
    """The message has the address that failed, and says how to install Terraform by hand."""
    with pytest.raises(Failure) as failure:
        installation.download(tmp_path, lambda _: None)
    assert releases.url in str(failure.value)
    assert "DS_DASHBOARD_TERRAFORM_URL" in str(failure.value)


def test_the_download_can_be_disabled(releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some machines are not allowed to download programs."""
    releases.publish()
    monkeypatch.setenv("DS_DASHBOARD_TERRAFORM_DOWNLOAD", "no")
    with pytest.raises(Failure, match="disables its download"):
        installation.download(tmp_path, lambda _: None)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A program `tofu` on the PATH, an empty home folder, no registry, and no variable that names a mirror."""
    (tmp_path / "tofu").write_bytes(PROGRAM)
    (tmp_path / "tofu").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "missing"))
    for name in ("DS_DASHBOARD_PLUGIN_MIRROR", "DS_DASHBOARD_TERRAFORM", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(installation, "_registry_is_reachable", lambda registry: False)
    for cached in (installation.find_terraform, installation.provider_mirror):
        cached.cache_clear()
    yield
    for cached in (installation.find_terraform, installation.provider_mirror):
        cached.cache_clear()


def _mirror(home: Path, registry: str) -> Path:
    """An implied mirror directory below the home folder, with the AWS provider."""
    mirror = home / ".terraform.d" / "plugins"
    (mirror / registry / "hashicorp" / "aws").mkdir(parents=True)
    return mirror


@pytest.mark.usefixtures("machine")
def test_a_named_mirror_without_the_provider_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A mistyped path would otherwise end in Terraform's long retries against the registry."""
    monkeypatch.setenv("DS_DASHBOARD_PLUGIN_MIRROR", str(tmp_path))
    with pytest.raises(Failure, match="terraform providers mirror"):
        installation.provider_mirror()


@pytest.mark.usefixtures("machine")
def test_without_a_registry_an_implied_mirror_is_found_and_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`make demo` and `make test` work without a variable."""
    mirror = _mirror(tmp_path, installation.REGISTRY)
    assert installation.provider_mirror() == mirror
    assert str(mirror) in capsys.readouterr().err


@pytest.mark.usefixtures("machine")
def test_opentofu_runs_where_it_is_named_with_the_providers_of_its_registry(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A provider mirrored from Terraform's registry is no use to it: the host name is part of the address."""
    monkeypatch.setenv("DS_DASHBOARD_TERRAFORM", "tofu")
    assert installation.find_terraform() == tmp_path / "tofu"
    mirror = _mirror(tmp_path, "registry.opentofu.org")
    assert installation.provider_mirror() == mirror


@pytest.mark.usefixtures("machine")
def test_a_named_program_that_is_not_installed_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program than the one that was asked for would pass in its place."""
    monkeypatch.setenv("DS_DASHBOARD_TERRAFORM", "tofuu")
    with pytest.raises(Failure, match="DS_DASHBOARD_TERRAFORM is tofuu"):
        installation.find_terraform()


def test_the_plan_with_the_newest_provider_covers_every_example() -> None:
    """An example that is not planned is the one that breaks."""
    examples = CHECKOUT / "examples"
    folders = {
        str(file.parent.relative_to(examples)) for file in examples.rglob("*.tf") if ".terraform" not in file.parts
    }
    assert folders == latest.EXAMPLES.keys()


def test_settings_of_another_root_module_do_not_reach_terraform(monkeypatch: pytest.MonkeyPatch) -> None:
    """With TF_WORKSPACE or TF_CLI_ARGS of the user's own work, the demo would fail, or write elsewhere."""
    theirs = {"TF_WORKSPACE": "prod", "TF_CLI_ARGS_plan": "-target=x", "TF_VAR_name": "x", "AWS_PROFILE": "prod"}
    machines = {"TF_CLI_CONFIG_FILE": "/rc", "TF_TOKEN_example_com": "t", "HTTPS_PROXY": "http://proxy", "GOGC": "50"}
    for name, value in {**theirs, **machines}.items():
        monkeypatch.setenv(name, value)
    made = root.environment({"TF_DATA_DIR": "/data"})
    assert not theirs.keys() & made.keys()
    assert {**machines, "TF_DATA_DIR": "/data"}.items() <= made.items()
