"""`make release`: the files of a release in dist/: Lambda package, manifest, command, and their checksums.

The same sources produce the same bytes, so anyone can verify a published file by building it again from the tag.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import sys
import tomllib
import zipfile
from pathlib import Path

from ds_dashboard_dev.checkout import CHECKOUT, Failure, build_package, run_program, say

DIST = CHECKOUT / "dist"
CHECKSUMS = "SHA256SUMS"
# The start of 1980, the oldest time that a zip can store. With any fixed time the wheel has the same bytes again.
_EPOCH = "315532800"


def version() -> str:
    """Return the version in pyproject.toml.

    Raises:
        Failure: The Lambda package has another version.
    """
    wanted: str = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"]
    code = (CHECKOUT / "lambda_src" / "ds_dashboard" / "__init__.py").read_text()
    if f'__version__ = "{wanted}"' not in code:
        raise Failure(
            f"lambda_src/ds_dashboard/__init__.py: __version__ is not {wanted}, the version in pyproject.toml",
            fix="Write the same version into both files.",
        )
    return wanted


def notes(wanted: str) -> str:
    """Return the section of CHANGELOG.md about the version `wanted`.

    Raises:
        Failure: It has no such section, or the section is empty.
    """
    text = (CHECKOUT / "CHANGELOG.md").read_text()
    found = re.search(rf"^## {re.escape(wanted)}\b[^\n]*\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if not found or not found[1].strip():
        raise Failure(
            f"CHANGELOG.md: no section about {wanted}", fix=f"Write a section '## {wanted}' with the changes."
        )
    return found[1].strip() + "\n"


def _check_package(package: Path, wanted: str) -> None:
    """Check that the zip has the committed manifest. Otherwise a spoke could name metrics that it does not have."""
    with zipfile.ZipFile(package) as archive:
        inside = json.loads(archive.read("ds_dashboard/metrics.json"))
    if inside != json.loads((CHECKOUT / "modules" / "spoke" / "metrics.json").read_text()):
        raise Failure(
            "modules/spoke/metrics.json: differs from the package's manifest", fix="Run make manifest and commit it."
        )
    sidecar = json.loads(package.with_name(f"{package.name}.json").read_text())
    if sidecar["version"] != wanted:
        raise Failure(f"{package.name}: its version is {sidecar['version']}, not {wanted}", fix="Run make setup.")


def build(folder: Path = DIST) -> list[Path]:
    """Write the files of a release and their checksums into `folder`, and return their paths.

    Raises:
        Failure: The version, the changelog or the manifest is not ready for a release.
    """
    wanted = version()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    package = build_package(folder / "ds_dashboard.zip")
    _check_package(package, wanted)
    shutil.copy(CHECKOUT / "modules" / "spoke" / "metrics.json", folder / "metrics.json")
    wheel = ("-m", "build", "--wheel", "--no-isolation", "--outdir", folder)
    run_program("python", *wheel, env={"SOURCE_DATE_EPOCH": _EPOCH})
    (folder / "NOTES.md").write_text(notes(wanted))
    files = sorted(path for path in folder.iterdir() if path.name != "NOTES.md")
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (folder / CHECKSUMS).write_text("".join(lines))
    return [*files, folder / CHECKSUMS, folder / "NOTES.md"]


def main(arguments: list[str] | None = None) -> int:
    """Build the release; return 1 if the version cannot be released."""
    parser = argparse.ArgumentParser(prog="make release", description=__doc__)
    parser.add_argument("--tag", help="the tag that is released: v and the version")
    tag = parser.parse_args(arguments).tag
    try:
        if tag and tag != f"v{version()}":
            raise Failure(
                f"{tag}: pyproject.toml has {version()}", fix=f"Tag v{version()}, or write the new version there."
            )
        for path in build():
            say(f"{path.relative_to(CHECKOUT)}: {path.stat().st_size / 1024:.0f} KB")
    except Failure as failure:
        say(str(failure))
        return 1
    say(f"Check them with: cd dist && sha256sum --check {CHECKSUMS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
