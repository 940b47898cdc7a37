"""What a version is published with."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import pytest

from ds_dashboard_dev import release
from ds_dashboard_dev.checkout import CHECKOUT, Failure


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release, made."""
    folder = tmp_path_factory.mktemp("release") / "dist"
    release.build(folder)
    return folder


def test_every_published_file_has_its_checksum(dist: Path) -> None:
    """Someone who downloads the package wants to know that it is the one that was made."""
    lines = {
        name: digest for digest, name in (line.split("  ") for line in (dist / "SHA256SUMS").read_text().splitlines())
    }
    version = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"]
    assert lines.keys() == {
        "ds_dashboard.zip",
        "ds_dashboard.zip.json",
        "metrics.json",
        f"ds_dashboard-{version}-py3-none-any.whl",
    }
    for name, digest in lines.items():
        assert hashlib.sha256((dist / name).read_bytes()).hexdigest() == digest


def test_a_release_made_again_is_the_same(dist: Path, tmp_path: Path) -> None:
    """So anyone can check what was published, from the tag alone."""
    release.build(tmp_path / "again")
    assert (tmp_path / "again" / "SHA256SUMS").read_text() == (dist / "SHA256SUMS").read_text()


def test_a_version_that_the_changelog_does_not_know_is_not_released() -> None:
    """Who updates wants to read what changed."""
    with pytest.raises(Failure, match=r"CHANGELOG.md: no section about 99\.0\.0"):
        release.notes("99.0.0")


def test_a_tag_of_another_version_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Else the modules of one version would be published with the package of another."""
    assert release.main(["--tag", "v99.0.0"]) == 1
    assert "v99.0.0: pyproject.toml has" in capsys.readouterr().err
