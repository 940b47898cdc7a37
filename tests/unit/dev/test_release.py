"""What a release contains, and what it is built from."""

from __future__ import annotations

import hashlib
import re
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest

from ds_dashboard_cli.packaging import vendored
from ds_dashboard_dev import audit, release
from ds_dashboard_dev.checkout import CHECKOUT, Failure

ALLOWED = re.compile(
    r"ds_dashboard/([a-z_]+/)*[a-z_]+\.py|ds_dashboard/schemas/[a-z]+\.json|ds_dashboard/metrics\.json"
    r"|ds_dashboard/pages/templates/[a-z_]+\.html|ds_dashboard/pages/assets/style\.css"
)
USES = re.compile(r"uses: (\S+)")


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release."""
    folder = tmp_path_factory.mktemp("release") / "dist"
    release.build(folder)
    return folder


def test_every_published_file_has_its_checksum(dist: Path) -> None:
    """Whoever downloads the package can verify that it is the published one."""
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


def test_a_release_that_is_built_again_has_the_same_bytes(dist: Path, tmp_path: Path) -> None:
    """So anyone can verify a published file from the tag alone."""
    release.build(tmp_path / "again")
    assert (tmp_path / "again" / "SHA256SUMS").read_text() == (dist / "SHA256SUMS").read_text()


def test_a_version_without_a_section_in_the_changelog_is_not_released() -> None:
    """Whoever updates needs to read what changed."""
    with pytest.raises(Failure, match=r"CHANGELOG.md: no section about 99\.0\.0"):
        release.notes("99.0.0")


def test_a_tag_of_another_version_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    """The modules of one version would be published with the package of another."""
    assert release.main(["--tag", "v99.0.0"]) == 1
    assert "v99.0.0: pyproject.toml has" in capsys.readouterr().err


def test_the_package_contains_our_sources_and_nothing_else(tmp_path: Path) -> None:
    """No bytecode, no test, no note of a developer and no other dependency gets into the account of a user."""
    package = tmp_path / "ds_dashboard.zip"
    program = CHECKOUT / ".venv" / "bin" / "ds-dashboard"
    subprocess.run([program, "package", "-o", package], check=True, capture_output=True)
    names = set(zipfile.ZipFile(package).namelist()) - vendored.sources().keys()
    assert [name for name in names if not ALLOWED.fullmatch(name)] == []
    tracked = subprocess.run(
        ["git", "ls-files", "lambda_src/ds_dashboard"], cwd=CHECKOUT, check=True, capture_output=True, text=True
    ).stdout.split()
    assert names - {"ds_dashboard/metrics.json"} <= {name.removeprefix("lambda_src/") for name in tracked}


@pytest.mark.parametrize("path", sorted((CHECKOUT / ".github/workflows").glob("*.yml")), ids=lambda path: path.name)
def test_actions_are_pinned_by_commit(path: Path) -> None:
    """The owner of an action can move a tag to other code."""
    uses = USES.findall(path.read_text())
    assert uses
    assert [one for one in uses if not re.fullmatch(r"[\w-]+/[\w.-]+@[0-9a-f]{40}", one)] == []


@pytest.mark.parametrize("path", sorted((CHECKOUT / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_every_package_is_pinned_with_hashes(path: Path) -> None:
    """Pip does not install a package that was replaced on its index."""
    entries = re.split(r"\n(?=\w)", re.sub(r"^#.*\n", "", path.read_text(), flags=re.MULTILINE))
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_a_known_vulnerability_fails_the_audit(capsys: pytest.CaptureFixture[str]) -> None:
    """The message has the version that fixes it."""
    found = {"id": "PYSEC-1", "fix_versions": ["1.1"]}
    assert audit.report("dev.txt", {"dependencies": [{"name": "lib", "version": "1.0", "vulns": [found]}]})
    assert "dev.txt: lib 1.0 has PYSEC-1; fixed in 1.1" in capsys.readouterr().err


def test_a_package_that_could_not_be_looked_up_is_counted_and_does_not_fail_the_audit(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An audit without a database must not look like a clean one."""
    skipped = {"name": "lib", "skip_reason": "not found"}
    clean = {"name": "other", "version": "2", "vulns": []}
    assert not audit.report("dev.txt", {"dependencies": [skipped, clean]})
    assert "2 packages, 0 with known vulnerabilities, 1 could not be looked up" in capsys.readouterr().err
