"""What the package has of others: exactly the pinned files, without compiled parts, for functions that need them."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

import pytest

from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.packaging import deflate, vendored
from ds_dashboard_dev.checkout import CHECKOUT

# Lambda adds nothing but the standard library and boto3 to the path.
_IMPORTS = (
    "import importlib, json, sys; sys.path.insert(0, sys.argv[1])\n"
    "importlib.import_module(f'ds_dashboard.handlers.{sys.argv[2]}')\n"
    "print(json.dumps(sorted(sys.modules)))"
)
_RENDERS = (
    "import sys; sys.path.insert(0, sys.argv[1])\n"
    "import markupsafe, jinja2\n"
    "from ds_dashboard.pages import render\n"
    "assert markupsafe.__file__.startswith(sys.argv[1]) and jinja2.__file__.startswith(sys.argv[1])\n"
    "assert 'markupsafe._speedups' not in sys.modules\n"
    "macro = render.environment().from_string('{{ text }}').render(text='<b>')\n"
    "print(macro, len(render.environment().list_templates()) > 9, len(render.style()) > 5000)"
)


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as Lambda unpacks it."""
    folder = tmp_path_factory.mktemp("package")
    subprocess.run(
        [Path(sys.executable).with_name("ds-dashboard"), "package", "-o", folder / "a.zip"],
        check=True,
        capture_output=True,
    )
    zipfile.ZipFile(folder / "a.zip").extractall(folder / "task")
    return folder / "task"


def _run(program: str, *words: object) -> str:
    # boto3 is of this environment, without what is installed beside it.
    return subprocess.run(
        [sys.executable, "-S", "-P", "-c", program, *map(str, words)], capture_output=True, text=True, check=True
    ).stdout


def test_the_package_is_smaller_than_a_megabyte(unpacked: Path) -> None:
    """It is uploaded with every apply, and downloaded at cold starts."""
    assert (unpacked.parent / "a.zip").stat().st_size < 1_000_000


def test_the_package_renders_without_anything_that_is_installed(unpacked: Path) -> None:
    """With MarkupSafe's Python, since one package runs on both architectures."""
    assert _run(_RENDERS, unpacked) == "&lt;b&gt; True True\n"
    assert not [path for path in unpacked.rglob("*") if path.suffix in (".so", ".pyd", ".c")]


@pytest.mark.parametrize("role", ["archive", "extract", "refresh", "watch"])
def test_functions_without_pages_do_not_import_what_renders_them(role: str, unpacked: Path) -> None:
    """Jinja2 alone takes longer to import than any of these functions."""
    site = str(Path(str(metadata.distribution("boto3").locate_file(""))).resolve())
    program = f"import sys; sys.path.append({site!r})\n{_IMPORTS}"
    modules = json.loads(_run(program, unpacked, role))
    assert f"ds_dashboard.handlers.{role}" in modules
    found = [name for name in modules if re.match(r"jinja2|markupsafe|sqlite3|ds_dashboard\.(pages|client)", name)]
    assert found == []


def test_the_pins_are_those_of_the_requirements() -> None:
    """An upgrade of one without the other would fail at every user's `ds-dashboard package`."""
    locked = dict(re.findall(r"^(\S+)==(\S+) \\$", (CHECKOUT / "requirements" / "dev.txt").read_text(), re.MULTILINE))
    declared = (CHECKOUT / "pyproject.toml").read_text()
    for name in vendored.PACKAGES:
        assert metadata.version(name) == locked[name]
        assert f'"{name}=={locked[name]}"' in declared


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, bytes], None]]:
    """Replaces the version and a file of what is installed."""
    vendored.sources.cache_clear()
    installed = metadata.distribution

    def replace(version: str, content: bytes) -> None:
        class Other(metadata.PathDistribution):
            version = property(lambda _: version)

            def locate_file(self, path: object) -> Path:
                return Path(str(super().locate_file(path)))  # type: ignore[arg-type]

        monkeypatch.setattr(
            metadata,
            "distribution",
            lambda name: Other(installed(name)._path),  # type: ignore[attr-defined]
        )
        read = Path.read_bytes
        monkeypatch.setattr(
            Path, "read_bytes", lambda path: content if content and path.name == "runtime.py" else read(path)
        )

    yield replace
    vendored.sources.cache_clear()


@pytest.mark.parametrize(
    ("version", "content", "message"),
    [
        ("3.1.5", b"", "is installed with version 3.1.5; the package has 3.1.6."),
        ("3.1.6", b"changed", "is installed with other files than those of version 3.1.6."),
    ],
)
def test_other_versions_and_changed_files_are_not_packaged(
    version: str, content: bytes, message: str, other: Callable[[str, bytes], None]
) -> None:
    """Otherwise each machine would have a package of its own, and a changed file would run in AWS."""
    other(version, content)
    with pytest.raises(UserError) as caught:
        vendored.sources()
    assert message in str(caught.value)


def test_a_missing_distribution_is_named_with_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    vendored.sources.cache_clear()
    monkeypatch.setattr(metadata, "distribution", missing)
    with pytest.raises(UserError, match=re.escape("Run: pip install jinja2==3.1.6 markupsafe==3.0.4")):
        vendored.sources()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a",
        b"abc",
        b"a" * 1000,
        bytes(range(256)) * 300,
        random.Random(1).randbytes(50_000),
        b"x" * 40_000 + random.Random(2).randbytes(33_000) + b"x" * 500,
    ],
    ids=["empty", "one", "three", "one repeated", "all bytes", "random", "a match beyond the window"],
)
def test_zlib_reads_what_is_compressed(content: bytes) -> None:
    """At the limits of the format: matches of 258 bytes, and 32 kB back."""
    assert zlib.decompress(deflate.compress(content), wbits=-15) == content


def test_matches_of_every_length_and_distance_are_read() -> None:
    """Each length and distance has bits of its own."""
    pieces = random.Random(3)
    content = bytearray(pieces.randbytes(300))
    while len(content) < 120_000:
        start, length = pieces.randrange(max(0, len(content) - 32_768), len(content)), pieces.randrange(3, 270)
        content += content[start : start + length] + pieces.randbytes(1)
    packed = deflate.compress(bytes(content))
    assert zlib.decompress(packed, wbits=-15) == content
    assert len(packed) < len(content) / 2
