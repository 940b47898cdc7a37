"""The shape of the repository, and the command that measures it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ds_dashboard_dev import structure
from ds_dashboard_dev.structure import Package, Tree


@pytest.fixture(scope="module")
def tree() -> Tree:
    """The working tree."""
    return Tree.read()


def _package(sources: Mapping[str, str]) -> Package:
    """A package `tools/lib` with these files, named without `.py`."""
    files = {f"tools/lib/{name}.py": text for name, text in sources.items()}
    (package,) = [one for one in structure.packages(Tree(files)) if one.folder == "tools/lib"]
    return package


def test_no_modules_import_each_other(tree: Tree) -> None:
    """Modules in a cycle can only be understood, tested and moved together."""
    cycles = {package.folder: package.cycles for package in structure.packages(tree) if package.cycles}
    assert cycles == {}


def test_lines_fit_on_a_screen(tree: Tree) -> None:
    """A line that is cut off in every editor and diff is not reviewed."""
    lines, _ = structure.long_lines(tree)
    assert lines == []


def test_every_package_is_measured(tree: Tree) -> None:
    """A package that the command does not find would not be checked either."""
    found = {package.folder: package for package in structure.packages(tree)}
    tools = {f"tools/{name}" for name in ("ds_dashboard_cli", "ds_dashboard_dev", "ds_dashboard_local")}
    assert found.keys() >= {"lambda_src/ds_dashboard", *tools, "tests", "modules"}
    assert all(package.sources and package.median_lines and package.units for package in found.values())
    assert all(package.edges for package in found.values() if package.folder not in {"modules"})


def test_a_revision_is_read_from_git() -> None:
    """So that a change can be compared with any earlier state, without a checkout."""
    tree = Tree.read("HEAD")
    assert tree.files.keys() >= {"README.md", "tools/ds_dashboard_dev/checkout.py"}
    assert "words of prose" in structure.report(tree)


@pytest.mark.parametrize(
    "imports",
    [
        "from lib import b",
        "import lib.b",
        "from lib.b import x",
        "def f():\n    from lib.b import x",
        "from .b import x",
    ],
)
def test_a_cycle_is_found_however_it_is_written(imports: str) -> None:
    """An import inside of a function hides a cycle from Python, and not from the reader."""
    assert _package({"a": imports, "b": "from lib.c import x", "c": "import lib.a"}).cycles == [
        ["lib.a", "lib.b", "lib.c"]
    ]


def test_imports_for_the_type_checker_are_not_a_cycle() -> None:
    """They do not run."""
    package = _package({"a": "if TYPE_CHECKING:\n    from lib.b import x", "b": "from lib.a import x"})
    assert package.cycles == []
    assert package.edges == {("b", "a")}


def test_units_are_folders_and_loose_files() -> None:
    """Edges between files of one folder, and imports of other packages, do not count."""
    package = _package(
        {"a": "import json", "folder/b": "from lib.folder.c import x\nfrom lib import a", "folder/c": "x = 1"}
    )
    assert package.units == {"a", "folder"}
    assert package.edges == {("folder", "a")}


def test_generated_and_empty_files_do_not_count() -> None:
    """They would change the median, and nobody reads them."""
    empty = '"""What the package is."""\n\nfrom __future__ import annotations\n'
    package = _package({"__init__": empty, "a": '"""Generated from a.json."""\nx = 1', "b": "x = 1"})
    assert package.sources.keys() == {"tools/lib/b.py"}


def test_words_are_prose() -> None:
    """Code, bars and addresses are not read as sentences."""
    table = "| two | cells |\n|---|:--|\n"
    ignored = "<!-- not\nthese -->\n```sh\nnor this\n```\n"
    assert structure.words(f"# A title\n\n{ignored}{table}[a link](https://x.y/z) and `code`.\n") == 2 + 2 + 4


def test_long_lines_are_told_from_rows_and_generated_parts() -> None:
    """A row of a table cannot be wrapped, and nobody writes a generated one."""
    long = "x" * 201
    generated = f"<!-- begin inputs -->\n{long}\n<!-- end inputs -->"
    tree = Tree({"a.md": f"{generated}\n| {long} |\n{long}\n", "b.txt": "x" * 200, "requirements/dev.txt": long})
    assert structure.long_lines(tree) == (["a.md:5"], ["a.md:4"])
