"""The guard of the demo: one at a time in a checkout, and what another one has is named and left alone."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ds_dashboard_dev.checkout import CHECKOUT, Failure
from ds_dashboard_dev.demo import __main__ as demo
from ds_dashboard_dev.demo.guard import only_demo
from ds_dashboard_local import RunningCloud

OTHER = """
import sys
from pathlib import Path
from ds_dashboard_dev.demo.guard import only_demo
with only_demo(Path(sys.argv[1]), 0):
    print("locked", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def used_port() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        yield server.getsockname()[1]


def _answer_from(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RunningCloud, "status", lambda _: {"state": str(state), "pid": 1})


def test_a_demo_beside_a_running_one_is_refused_with_its_process(tmp_path: Path) -> None:
    """It would delete the state of the first one, whose resources could then not be destroyed."""
    work = tmp_path / "demo"
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER, work], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with other:
        assert other.stdout
        assert other.stdin
        assert other.stdout.readline() == "locked\n"
        with pytest.raises(Failure, match=f"Process {other.pid} runs a demo.*\n.*kill -INT {other.pid}"):
            only_demo(work, 0).__enter__()
        other.stdin.close()
    with only_demo(work, 0):
        assert (tmp_path / "demo.lock").read_text() == str(os.getpid()), "the lock ends with its process"


def test_a_demo_that_was_kept_is_named_with_its_own_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """KEEP=1 can have any port: stopping the program on 4566 would be another mistake."""
    (tmp_path / "cloud").mkdir()
    (tmp_path / "cloud" / "address").write_text("http://127.0.0.1:4600")
    _answer_from(tmp_path / "cloud", monkeypatch)
    with pytest.raises(Failure, match=r"left running, at http://127\.0\.0\.1:4600.*\n.*local down --port 4600$"):
        only_demo(tmp_path, 0).__enter__()
    _answer_from(tmp_path / "another checkout" / "cloud", monkeypatch)
    with only_demo(tmp_path, 0):
        pass


def test_a_port_in_use_is_named_before_anything_is_built(
    tmp_path: Path, used_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says whose it is, and how to choose another one."""
    _answer_from(tmp_path / "theirs", monkeypatch)
    with pytest.raises(Failure, match=re.escape(f"Port {used_port} is used by a local cloud with its data in")):
        only_demo(tmp_path / "demo", used_port).__enter__()


def test_a_demo_that_is_refused_leaves_the_folder_of_the_first(
    tmp_path: Path, used_port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A kept demo needs its state and its server's log."""
    work = tmp_path / "demo"
    work.mkdir()
    (work / "accounts.tfstate").write_text("{}")
    monkeypatch.setattr(demo, "WORK", work)
    monkeypatch.setattr(sys, "argv", ["make demo", "--keep", "--port", str(used_port)])
    assert demo.main() == 1
    assert "is used by another program" in " ".join(capsys.readouterr().out.split())
    assert (work / "accounts.tfstate").exists()


@pytest.mark.parametrize(
    ("words", "environment", "options"),
    [
        ((), {}, ""),
        (("KEEP=1",), {}, "--keep"),
        (("KEEP=1", "PORT=4600"), {}, "--keep --port 4600"),
        (("KEEP=1",), {"PORT": "8080"}, "--keep"),
    ],
)
def test_make_passes_port_and_keep(words: tuple[str, ...], environment: dict[str, str], options: str) -> None:
    """Many machines have a variable PORT, for another program."""
    done = subprocess.run(
        ["make", "-n", "-o", "setup", "-o", "package-lambdas", "demo", *words],
        cwd=CHECKOUT,
        env={**{name: os.environ[name] for name in ("PATH",)}, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    line = next(line for line in done.stdout.splitlines() if "ds_dashboard_dev.demo" in line)
    assert line.partition("ds_dashboard_dev.demo")[2].split() == options.split()
