"""`make setup` installs into .venv whatever the user's settings of pip are, and says what to do without network."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ds_dashboard_dev.checkout import CHECKOUT

# A Python whose environments have a pip that installs a checkout as the real one does.
INSTALLS = """#!/bin/sh
case "$*" in
*"-m venv"*) mkdir -p .venv/bin .venv/lib/python3/site-packages && cp "$0" .venv/bin/python ;;
*"-m pip"*"-e ."*) printf '%s/tools' "$PWD" > .venv/lib/python3/site-packages/_ds_dashboard.pth ;;
esac
"""
# A Python whose environments have a pip that prints the settings that would install elsewhere, and then fails.
PYTHON = """#!/bin/sh
case "$*" in
*"-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
*"-m pip"*) env | grep -E '^PIP_(USER|TARGET|PREFIX|ROOT)=' >&2; echo "no route to the index" >&2; exit 1 ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("Makefile", "pyproject.toml", "requirements/dev.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((CHECKOUT / name).read_bytes())
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)
    return tmp_path


def test_settings_of_the_user_do_not_install_elsewhere_and_a_missing_network_is_named(checkout: Path) -> None:
    """PIP_USER=1 is common on shared machines, and stops pip in an environment. pip alone prints no way out."""
    theirs = {"PIP_USER": "1", "PIP_TARGET": "/elsewhere", "PIP_PREFIX": "/elsewhere", "PIP_ROOT": "/elsewhere"}
    done = subprocess.run(
        ["make", "setup", f"PYTHON={checkout / 'python'}"],
        cwd=checkout,
        env={"PATH": os.environ["PATH"], **theirs},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "PIP_USER=0" in done.stderr
    assert "/elsewhere" not in done.stderr
    assert "no route to the index" in done.stderr
    assert "Without network access, set PIP_INDEX_URL or PIP_FIND_LINKS to a mirror" in done.stderr
    assert not (checkout / ".venv" / ".ready").exists()


def test_a_checkout_in_a_folder_with_accents_needs_no_locale(checkout: Path) -> None:
    """Python reads the file with the paths of a checkout in the locale's encoding, and LC_ALL=C has only ASCII."""
    (checkout / "python").write_text(INSTALLS)
    subprocess.run(
        ["make", "setup", f"PYTHON={checkout / 'python'}"],
        cwd=checkout,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        capture_output=True,
        check=True,
    )
    site = checkout / ".venv/lib/python3/site-packages"
    found = [(site / line).resolve() for line in (site / "_ds_dashboard.pth").read_bytes().decode("ascii").splitlines()]
    assert found == [checkout / "lambda_src", checkout / "tools"]
