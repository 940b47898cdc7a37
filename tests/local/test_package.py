"""The package by itself: what it imports, and patches that fail at start on another version of the engine."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import ds_dashboard_local
from ds_dashboard_dev.gaps import declared_gaps
from ds_dashboard_local import LocalCloud, LocalCloudError
from ds_dashboard_local.engine.patching import EngineChanged, gap, replace, replace_text, wrap, wrap_entry

PACKAGE = Path(ds_dashboard_local.__file__).parent
OTHERS = {"ds_dashboard", "ds_dashboard_cli", "ds_dashboard_dev"}
MODULES = sorted(
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
    if path.stem not in ("__main__", "worker_prologue")
)


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            found.add(str(node.module).partition(".")[0])
    return found


def test_no_file_imports_another_package_of_this_repository() -> None:
    """The local cloud could be a project of its own."""
    for path in PACKAGE.rglob("*.py"):
        assert not _imports(path) & OTHERS, path


def test_every_module_is_imported_without_the_other_packages(tmp_path: Path) -> None:
    source = f"""
import importlib, sys
for name in {sorted(OTHERS)!r}:
    sys.modules[name] = None
for name in {MODULES!r}:
    importlib.import_module(name)
"""
    environment = {"PATH": "", "HOME": str(tmp_path), "STATE_DIR": str(tmp_path), "S3_DATA_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", source], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", ["ds_dashboard_local", "ds_dashboard_local.cli.commands"])
def test_clients_and_commands_start_without_the_engine(module: str) -> None:
    """The engine reads the environment when it is imported, and takes a part of a second."""
    source = f"import sys, {module}; sys.exit('ministack' in sys.modules or 'boto3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", source], check=False).returncode == 0


def _engine() -> SimpleNamespace:
    def put(data: dict[str, Any], flag: bool = False) -> str:
        return f"{data} {flag}"

    async def handle(request: str) -> str:
        return request

    return SimpleNamespace(__name__="engine", put=put, handle=handle, HANDLERS={"put": put}, SCRIPT="a\nb\nb\n")


def test_a_patch_wraps_what_is_there() -> None:
    engine = _engine()

    async def shout(original: Any, request: str) -> str:
        return str(await original(request)).upper()

    wrap(engine, "put", lambda original, data, flag=False: f"<{original(data, flag)}>")
    wrap(engine, "put", lambda original, *arguments: f"[{original(*arguments)}]")
    wrap_entry(engine, "HANDLERS", "put", lambda original, data, **named: original(data, flag=True))
    wrap(engine, "handle", shout)
    assert engine.put({}) == "[<{} False>]"
    assert engine.HANDLERS["put"]({}) == "{} True"
    with pytest.raises(StopIteration, match="HELLO"):
        engine.handle("hello").send(None)


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        (lambda engine: wrap(engine, "gone", lambda original: None), "has no engine.gone"),
        (lambda engine: replace(engine, "gone", 1), "has no engine.gone"),
        (lambda engine: replace(engine, "put", lambda data: None), r"put takes \(data, flag\), the patch \(data\)"),
        (lambda engine: wrap(engine, "put", lambda original, d, flag: None), r"the patch \(d, flag\)"),
        (lambda engine: wrap_entry(engine, "HANDLERS", "gone", lambda original: None), "has no entry 'gone'"),
        (lambda engine: wrap_entry(engine, "SCRIPT", "gone", lambda original: None), "is a str, not a dict"),
        (lambda engine: replace_text(engine, "SCRIPT", "b\n", "c\n"), "does not contain 'b' exactly once"),
    ],
)
def test_a_patch_fails_when_the_engine_has_changed(patch: Any, message: str) -> None:
    """At start and by name: with another version of the engine it would fail somewhere, later."""

    @gap
    def one_gap() -> None:
        patch(_engine())

    with pytest.raises(EngineChanged, match=f"gap one_gap: .*{message}"):
        one_gap.apply()


def test_every_declared_gap_is_patched_and_can_be_left_open(tmp_path: Path) -> None:
    """The engine's tests and its page name the gaps that the server applies."""
    with pytest.raises(LocalCloudError, match="ended while it started"):
        LocalCloud(without_gaps=["none"], state=tmp_path).start()
    log = (tmp_path / "server.log").read_text()
    named = log.rpartition("the gaps are ")[2].strip().split(", ")
    assert sorted(named) == sorted(gap.name for gap in declared_gaps())


@pytest.mark.parametrize("word", ["AWS:", "Engine:"])
def test_a_gap_describes_aws_and_the_engine(tmp_path: Path, word: str) -> None:
    """The page shows both."""
    source = 'def one() -> None:\n    """Summary.\n\n    AWS: does.\n\n    Engine: does not.\n    """\n'
    (tmp_path / "sqs.py").write_text(f"@gap\n{source}")
    assert [(found.service, found.name, found.aws, found.engine) for found in declared_gaps(tmp_path)] == [
        ("SQS", "one", "Does.", "Does not.")
    ]
    (tmp_path / "sqs.py").write_text(f"@gap\n{source.replace(word, 'Note:')}")
    with pytest.raises(ValueError, match=f"gap one has no paragraph that starts with {word}"):
        declared_gaps(tmp_path)
