"""`make structure`: the size and the shape of the repository, package by package, at any revision.

    python -m ds_dashboard_dev.structure                   the working tree
    python -m ds_dashboard_dev.structure --rev v0.1.0      a revision, read from git without a checkout

How it counts:
    files       Python files, or Terraform files in `modules`. Not counted: generated files, and `__init__.py` files
                that contain only a docstring and `__future__` imports.
    median      The median number of lines of these files.
    units       The folders and the loose files directly below the package.
    edges       Pairs of units of which one imports the other, wherever the import is in the file. Imports under
                `if TYPE_CHECKING:` do not count.
    cycles      Groups of modules of the package that import each other, by the same imports.
    words       Words of the README. Not counted: code blocks, HTML comments, the bars of tables, and the targets of
                links.
    long lines  Lines with more than 200 characters in the text files that git tracks. Not counted: generated files and
                generated parts, and lists of hashes. The rows of Markdown tables, which cannot be wrapped, are counted
                separately.
"""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from statistics import median

from ds_dashboard_dev.checkout import CHECKOUT, Failure, say

MAX_CHARACTERS = 200
# Generated files that do not say so themselves, and files of hashes.
_GENERATED_PATHS = re.compile(
    r"modules/spoke/metrics\.json|.*/operation_actions\.json|docs/metrics\.md|tests/.*\.inventory\.json|"
    r"requirements/.*\.txt|.*\.lock\.hcl|.*/assets/uplot/.*|tests/browser/axe/.*"
)
_GENERATED_HEAD = re.compile(r"\A(?:.*\n){0,2}.*\b[Gg]enerated (?:from|by)\b")
_GENERATED_PART = re.compile(r"<!-- begin ([^>]+?) -->\n.*?<!-- end [^>]+? -->", re.DOTALL)
_SOURCE_ROOTS = ("lambda_src", "tools")


class Tree:
    """The text files of a revision: path -> text."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files

    @classmethod
    def read(cls, revision: str | None = None) -> Tree:
        """Read the text files that git tracks at `revision`, or those of the working tree.

        Raises:
            Failure: There is no such revision.
        """
        if revision is None:
            names = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard").decode().split("\0")
            contents = {
                name: (CHECKOUT / name).read_bytes() for name in sorted(set(names)) if (CHECKOUT / name).is_file()
            }
        else:
            names = _git("ls-tree", "-r", "-z", "--name-only", revision).decode().rstrip("\0").split("\0")
            contents = dict(zip(names, _blobs([f"{revision}:{name}" for name in names]), strict=True))
        return cls({name: content.decode() for name, content in contents.items() if _is_text(content)})

    def below(self, folder: str, suffix: str) -> dict[str, str]:
        """Return the files below a folder whose names end with `suffix`."""
        return {
            name: text for name, text in self.files.items() if name.startswith(f"{folder}/") and name.endswith(suffix)
        }


def _git(*arguments: str, stdin: bytes = b"") -> bytes:
    done = subprocess.run(["git", *arguments], cwd=CHECKOUT, input=stdin, capture_output=True, check=False)
    if done.returncode != 0:
        raise Failure(
            f"git {arguments[0]} failed: {done.stderr.decode().strip()}", fix="Name a revision of this repository."
        )
    return done.stdout


def _blobs(objects: Sequence[str]) -> Iterator[bytes]:
    """Yield the contents of git objects."""
    data = _git("cat-file", "--batch", stdin="".join(f"{name}\n" for name in objects).encode())
    position = 0
    for _ in objects:
        head = data.index(b"\n", position)
        size = int(data[position:head].split()[-1])
        yield data[head + 1 : head + 1 + size]
        position = head + 1 + size + 1


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in content


def is_generated(path: str, text: str) -> bool:
    """Return whether a file is generated: by its path, or because its first lines say so."""
    return bool(_GENERATED_PATHS.fullmatch(path) or _GENERATED_HEAD.match(text))


@dataclass(frozen=True, slots=True)
class Package:
    """The sources of one package.

    Attributes:
        sources: Path -> text of the counted files.
        imports: Module -> the modules of the same package that it imports.
    """

    folder: str
    sources: Mapping[str, str]
    imports: Mapping[str, frozenset[str]]

    @property
    def median_lines(self) -> float:
        """Return the median number of lines of the sources."""
        return median([len(text.splitlines()) for text in self.sources.values()] or [0])

    @property
    def units(self) -> set[str]:
        """Return the names of the folders and loose files directly below the package."""
        return {self.unit(path) for path in self.sources} - {""}

    def unit(self, path: str) -> str:
        """Return the unit of a source file; empty for the package's own `__init__.py`."""
        first = PurePosixPath(path).relative_to(self.folder).parts[0]
        return "" if first == "__init__.py" else first.removesuffix(".py")

    @property
    def edges(self) -> set[tuple[str, str]]:
        """Return the pairs of units of which the first imports the second."""
        name = _module_name(self.folder)

        def unit(module: str) -> str:
            return module.removeprefix(name).lstrip(".").partition(".")[0]

        pairs = {(unit(module), unit(target)) for module, targets in self.imports.items() for target in targets}
        return {(one, other) for one, other in pairs if one and other and one != other}

    @property
    def cycles(self) -> list[list[str]]:
        """Return the groups of modules that import each other, each sorted."""
        reachable = {module: _reachable(module, self.imports) for module in self.imports}
        groups = {
            tuple(sorted(other for other in reachable[module] if module in reachable.get(other, ())))
            for module in self.imports
            if module in reachable[module]
        }
        return [list(group) for group in sorted(groups)]


def packages(tree: Tree) -> list[Package]:
    """Return the packages of the repository: the library, each of the tools, the tests, and the Terraform modules."""
    tools = sorted({"/".join(name.split("/")[:2]) for name in tree.below("tools", ".py")})
    folders = ["lambda_src/ds_dashboard", *tools, "tests"]
    return [*(_python_package(tree, folder) for folder in folders), _terraform_modules(tree)]


def _terraform_modules(tree: Tree) -> Package:
    return Package("modules", tree.below("modules", ".tf"), {})


def _python_package(tree: Tree, folder: str) -> Package:
    modules = {_module_name(path): text for path, text in tree.below(folder, ".py").items()}
    parsed = {path: ast.parse(text) for path, text in tree.below(folder, ".py").items()}
    sources = {
        path: tree.files[path]
        for path, content in parsed.items()
        if not is_generated(path, tree.files[path]) and not (path.endswith("__init__.py") and _is_empty(content))
    }
    imports = {_module_name(path): frozenset(_imports(path, content, modules)) for path, content in parsed.items()}
    return Package(folder, sources, imports)


def _module_name(path: str) -> str:
    parts = list(PurePosixPath(path).with_suffix("").parts)
    if parts[0] in _SOURCE_ROOTS:
        del parts[0]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _is_empty(content: ast.Module) -> bool:
    return all(
        isinstance(node, ast.Expr) or (isinstance(node, ast.ImportFrom) and node.module == "__future__")
        for node in content.body
    )


def _imports(path: str, content: ast.Module, modules: Mapping[str, str]) -> Iterator[str]:
    """Yield the modules among `modules` that a file imports. A name of a package is an import of its `__init__.py`."""
    package = _module_name(path) if path.endswith("__init__.py") else _module_name(path).rpartition(".")[0]
    for node in _runtime_nodes(content):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found = [
                f"{module}.{alias.name}" if f"{module}.{alias.name}" in modules else module for alias in node.names
            ]
        else:
            continue
        yield from (name for name in found if name in modules and name != _module_name(path))


def _runtime_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes, except those that only a type checker reads."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            for other in child.orelse:
                yield other
                yield from _runtime_nodes(other)
            continue
        yield child
        yield from _runtime_nodes(child)


def _reachable(start: str, imports: Mapping[str, frozenset[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(imports[start])
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += imports.get(module, ())
    return found


def words(markdown: str) -> int:
    """Count the words of prose in a Markdown text."""
    for noise in (r"^```.*?^```", r"<!--.*?-->", r"(?<=\])\([^)\s]*\)", r"^\|[-:| ]+\|$"):
        markdown = re.sub(noise, " ", markdown, flags=re.MULTILINE | re.DOTALL)
    return sum(bool(re.search(r"\w", word)) for word in markdown.replace("|", " ").split())


def long_lines(tree: Tree) -> tuple[list[str], list[str]]:
    """Return the lines with more than 200 characters, and the table rows of Markdown files among them.

    Returns:
        `PATH:NUMBER` of each line that could be wrapped, and of each table row.
    """
    lines: list[str] = []
    rows: list[str] = []
    for path, text in tree.files.items():
        if is_generated(path, text):
            continue
        # Blank lines instead of generated parts, so that the numbers of the lines stay as they are.
        own = _GENERATED_PART.sub(lambda part: "\n" * part[0].count("\n"), text) if path.endswith(".md") else text
        for number, line in enumerate(own.splitlines(), 1):
            if len(line) > MAX_CHARACTERS:
                is_row = path.endswith(".md") and line.startswith("|")
                (rows if is_row else lines).append(f"{path}:{number}")
    return lines, rows


def report(tree: Tree) -> str:
    """Return the report as Markdown."""
    rows = [("package", "files", "median lines", "units", "edges", "cycles")]
    found = packages(tree)
    for package in found:
        rows.append(
            (
                package.folder,
                str(len(package.sources)),
                f"{package.median_lines:g}",
                str(len(package.units)),
                str(len(package.edges)),
                str(len(package.cycles)),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    cells = [[value.ljust(width) for value, width in zip(row, widths, strict=True)] for row in rows]
    cells.insert(1, ["-" * width for width in widths])
    lines, table_rows = long_lines(tree)
    tests = sum(len(text.splitlines()) for text in tree.below("tests", ".py").values())
    return "\n".join(
        [
            *(f"| {' | '.join(row)} |" for row in cells),
            "",
            f"README.md: {words(tree.files['README.md'])} words of prose",
            f"tests: {tests} lines of Python",
            f"lines over {MAX_CHARACTERS} characters: {len(lines)}, and {len(table_rows)} rows of Markdown tables",
            *(f"cycle in {package.folder}: {', '.join(cycle)}" for package in found for cycle in package.cycles),
        ]
    )


def main() -> int:
    """Print the report of the revision that the command line names."""
    parser = argparse.ArgumentParser(
        prog="python -m ds_dashboard_dev.structure",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rev", metavar="REV", help="a revision of git (default: the working tree)")
    try:
        sys.stdout.write(report(Tree.read(parser.parse_args().rev)) + "\n")
    except Failure as failure:
        say(str(failure))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
