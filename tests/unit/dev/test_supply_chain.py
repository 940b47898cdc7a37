"""What comes from elsewhere, and what goes into the package."""

from __future__ import annotations

import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from ds_dashboard_dev import audit
from ds_dashboard_dev.checkout import CHECKOUT

ALLOWED = re.compile(
    r"ds_dashboard/([a-z_]+/)*[a-z_]+\.py|ds_dashboard/schemas/[a-z]+\.json|ds_dashboard/metrics\.json"
)
USES = re.compile(r"uses: (\S+)")


def test_the_package_holds_our_sources_and_nothing_else(tmp_path: Path) -> None:
    """No bytecode, no test, no note of a developer and no dependency runs in somebody's account."""
    package = tmp_path / "ds_dashboard.zip"
    program = CHECKOUT / ".venv" / "bin" / "ds-dashboard"
    subprocess.run([program, "package", "-o", package], check=True, capture_output=True)
    names = zipfile.ZipFile(package).namelist()
    assert [name for name in names if not ALLOWED.fullmatch(name)] == []
    tracked = subprocess.run(
        ["git", "ls-files", "lambda_src/ds_dashboard"], cwd=CHECKOUT, check=True, capture_output=True, text=True
    ).stdout.split()
    assert set(names) - {"ds_dashboard/metrics.json"} <= {name.removeprefix("lambda_src/") for name in tracked}


@pytest.mark.parametrize("path", sorted((CHECKOUT / ".github/workflows").glob("*.yml")), ids=lambda path: path.name)
def test_actions_are_pinned_by_commit(path: Path) -> None:
    """A tag can be moved to other code."""
    uses = USES.findall(path.read_text())
    assert uses
    assert [one for one in uses if not re.fullmatch(r"[\w-]+/[\w.-]+@[0-9a-f]{40}", one)] == []


@pytest.mark.parametrize("path", sorted((CHECKOUT / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_every_package_is_pinned_with_hashes(path: Path) -> None:
    """A package that was replaced on its index is not installed."""
    entries = re.split(r"\n(?=\w)", re.sub(r"^#.*\n", "", path.read_text(), flags=re.MULTILINE))
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_a_known_fault_fails_the_audit_and_names_the_cure(capsys: pytest.CaptureFixture[str]) -> None:
    """With the version that mends it."""
    fault = {"id": "PYSEC-1", "fix_versions": ["1.1"]}
    assert audit.report("dev.txt", {"dependencies": [{"name": "lib", "version": "1.0", "vulns": [fault]}]})
    assert "dev.txt: lib 1.0 has PYSEC-1; fixed in 1.1" in capsys.readouterr().err


def test_what_could_not_be_looked_up_is_counted_and_is_no_finding(capsys: pytest.CaptureFixture[str]) -> None:
    """Else an audit without a database would look like a clean one."""
    skipped = {"name": "lib", "skip_reason": "not found"}
    clean = {"name": "other", "version": "2", "vulns": []}
    assert not audit.report("dev.txt", {"dependencies": [skipped, clean]})
    assert "2 packages, 0 with known vulnerabilities, 1 could not be looked up" in capsys.readouterr().err
