"""Where the server of the pages listens, and the address that it prints."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from ds_dashboard.publish.last_read import LastRead
from ds_dashboard_cli.main import cli
from ds_dashboard_web.app import application
from ds_dashboard_web.guard import Guard
from ds_dashboard_web.server import Server


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which another program listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def web(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["web", "--demo", "--no-browser", *words])
    return result.exit_code, result.output + str(result.exception)


@pytest.mark.parametrize("token", ["a&b c", "é#?/+%", "x" * 200])
def test_the_printed_address_has_the_token_as_it_is(state: LastRead, token: str) -> None:
    """A token that somebody chose may have any character."""
    url = Server(state, "127.0.0.1", 0, token).url
    assert " " not in url
    assert parse_qs(urlsplit(url).query) == {"token": [token]}
    assert urlsplit(url).fragment == ""


def test_a_port_that_is_taken_names_a_free_one(taken: int) -> None:
    """Before the hub is read, which takes seconds."""
    code, text = web("--port", str(taken))
    assert code == 1
    assert f"port {taken} of 127.0.0.1: cannot be used: Address already in use" in text
    assert "--port 0" in text


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_of_another_machine_is_not_called_a_port(host: str) -> None:
    """Another port would not help."""
    code, text = web("--port", "0", "--host", host, "--token", "t")
    assert code == 1
    assert f"--host {host}: cannot be used" in text
    assert "--port 0" not in text


def test_all_addresses_of_the_machine_are_shown_by_its_name(state: LastRead) -> None:
    """0.0.0.0 is no address that another machine can open."""
    assert urlsplit(Server(state, "0.0.0.0", 0, "t").url).hostname == socket.gethostname().lower()


@pytest.mark.parametrize(
    ("host", "status"),
    [
        *(("10.0.0.5:8300", 401), ("[fe80::1]:8300", 401), ("VM:8300", 401)),
        *(("evil.example:8300", 421), ("10.0.0.5.evil.example", 421), ("[fe80::1].evil.example", 421)),
    ],
)
def test_a_server_of_all_addresses_answers_for_addresses_and_not_for_names(
    state: LastRead, host: str, status: int
) -> None:
    """Nobody can make a name of an address that leads elsewhere; a name can lead here."""
    guard = Guard(application(state), ["Vm"], 8300, "secret", any_address=True)
    assert TestClient(guard).get("/", headers={"host": host}).status_code == status
    one = Guard(application(state), ["127.0.0.1"], 8300, "secret")
    assert TestClient(one).get("/", headers={"host": "10.0.0.5:8300"}).status_code == 421


def test_the_address_alone_is_printed_and_ctrl_c_ends_it_quietly() -> None:
    """Another program reads the address, and ending the server is no error."""
    words = [sys.executable, "-m", "ds_dashboard_cli", "web", "--demo", "--no-browser", "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = server.stdout.readline()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{32}\n", address)
        server.send_signal(signal.SIGINT)
        rest, notes = server.communicate(timeout=20)
    assert (server.returncode, rest) == (0, "")
    assert notes in ("", "Press Ctrl-C to end.\n"), "it may end before the note"
