"""`make release`: what a version is published with, in dist/: Lambda package, manifest, command, and their checksums.

The same sources give the same bytes: anyone can check a published file by making it again from the tag.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

from ds_dashboard_dev.failure import Failure
from ds_dashboard_dev.terraform import CHECKOUT, say

DIST = CHECKOUT / "dist"
CHECKSUMS = "SHA256SUMS"
# 1980 is the oldest year that a zip can hold; any fixed time gives the wheel the same bytes again.
_EPOCH = "315532800"


def version() -> str:
    """The version that is made: pyproject.toml's, which the Lambda package must say of itself too."""
    wanted: str = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"]
    code = (CHECKOUT / "lambda_src" / "ds_dashboard" / "__init__.py").read_text()
    if f'__version__ = "{wanted}"' not in code:
        raise Failure(
            f"lambda_src/ds_dashboard/__init__.py: __version__ is not {wanted}, as pyproject.toml has it",
            cure="Write the same version into both.",
        )
    return wanted


def notes(wanted: str) -> str:
    """What CHANGELOG.md says of the version."""
    text = (CHECKOUT / "CHANGELOG.md").read_text()
    found = re.search(rf"^## {re.escape(wanted)}\b[^\n]*\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if not found or not found[1].strip():
        raise Failure(f"CHANGELOG.md: has nothing of {wanted}", cure=f"Write a section '## {wanted}' of what changed.")
    return found[1].strip() + "\n"


def _run(*command: str | Path) -> None:
    done = subprocess.run(
        command,
        cwd=CHECKOUT,
        env={**os.environ, "SOURCE_DATE_EPOCH": _EPOCH},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, command))}: failed", cure=done.stderr.strip()[-2000:])


def _check_package(package: Path, wanted: str) -> None:
    """The zip's manifest is the committed one, or a spoke of this version could not use the metrics it names."""
    with zipfile.ZipFile(package) as archive:
        inside = json.loads(archive.read("ds_dashboard/metrics.json"))
    if inside != json.loads((CHECKOUT / "modules" / "spoke" / "metrics.json").read_text()):
        raise Failure(
            "modules/spoke/metrics.json: is not the package's manifest", cure="Run make manifest and commit it."
        )
    sidecar = json.loads(package.with_name(f"{package.name}.json").read_text())
    if sidecar["version"] != wanted:
        raise Failure(
            f"{package.name}: says version {sidecar['version']} of itself, not {wanted}", cure="Run make setup."
        )


def build(folder: Path = DIST) -> list[Path]:
    """Make the files in `folder`, and their checksums; returns them."""
    wanted = version()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    program = Path(sys.executable).with_name("ds-dashboard")
    package = folder / "ds_dashboard.zip"
    _run(program, "package", "-o", package)
    _check_package(package, wanted)
    shutil.copy(CHECKOUT / "modules" / "spoke" / "metrics.json", folder / "metrics.json")
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder)
    (folder / "NOTES.md").write_text(notes(wanted))
    files = sorted(path for path in folder.iterdir() if path.name != "NOTES.md")
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (folder / CHECKSUMS).write_text("".join(lines))
    return [*files, folder / CHECKSUMS, folder / "NOTES.md"]


def main(arguments: list[str] | None = None) -> int:
    """Returns 1 where something keeps the version from being released."""
    parser = argparse.ArgumentParser(prog="make release", description=__doc__)
    parser.add_argument("--tag", help="the tag that is released; must be v and the version")
    tag = parser.parse_args(arguments).tag
    try:
        if tag and tag != f"v{version()}":
            raise Failure(
                f"{tag}: pyproject.toml says {version()}", cure=f"Tag v{version()}, or write the new version there."
            )
        for path in build():
            say(f"{path.relative_to(CHECKOUT)}: {path.stat().st_size / 1024:.0f} KB")
    except Failure as failure:
        say(str(failure))
        return 1
    say(f"check them with: cd dist && sha256sum --check {CHECKSUMS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
