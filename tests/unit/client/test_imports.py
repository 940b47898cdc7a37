"""The client is in the package of the functions. It costs them nothing, and depends on none of them."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ds_dashboard

LIBRARY = Path(ds_dashboard.__file__).parent
SOURCES = sorted(LIBRARY.rglob("*.py"))
_CLIENT = "ds_dashboard.client"
# What the client may use of the library: facts and formats, nothing that runs in a function.
_SHARED = {
    *(
        "canonical_json",
        "client",
        "dates",
        "event",
        "identity",
        "schema",
        "schemas",
        "series",
        "shell",
        "states",
        "text",
        "thresholds",
        "typed_json",
        "ulid",
    )
}

_LARGE = {"boto3", "botocore", "click", "numpy", "pandas", "pyarrow"}


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_client(path: Path) -> bool:
    return path.relative_to(LIBRARY).parts[0] == "client"


def _publishes(path: Path) -> bool:
    """Return whether a file is of the report, which reads the hub as people do."""
    folder, *_ = path.relative_to(LIBRARY).parts
    return folder == "publish"


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if not _is_client(path) and not _publishes(path)], ids=lambda path: path.name
)
def test_no_function_imports_the_client(path: Path) -> None:
    """A cold start does not pay for what people use on their own machines."""
    assert not [name for name in _imports(path) if name.startswith(_CLIENT)]


@pytest.mark.parametrize("path", [path for path in SOURCES if _is_client(path)], ids=lambda path: path.name)
def test_the_client_imports_nothing_of_the_functions_and_of_the_command(path: Path) -> None:
    """Otherwise a notebook would import click, and a change of the archive could break it."""
    ours = [name.split(".") for name in _imports(path) if name.startswith("ds_dashboard")]
    assert {parts[0] for parts in ours} <= {"ds_dashboard"}
    assert {parts[1] for parts in ours} <= _SHARED


def test_importing_the_client_is_cheap() -> None:
    """boto3 is imported with the first call, pandas and pyarrow when they are used."""
    code = f"import sys, {_CLIENT}; print({_LARGE} & set(sys.modules))"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "set()"
