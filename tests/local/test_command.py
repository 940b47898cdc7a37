"""The commands: data on stdout, everything else on stderr, exit codes, and errors that name the fix."""

from __future__ import annotations

import http.server
import json
import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ds_dashboard_local import LocalCloud, LocalCloudError, RunningCloud, settings
from ds_dashboard_local.cli.commands import local
from ds_dashboard_local.client.cloud import is_running

ACCOUNT = "123456789012"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(local, arguments)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_port_in_use_is_named_with_the_fix(local_cloud: LocalCloud) -> None:
    port = local_cloud.status()["port"]
    with pytest.raises(LocalCloudError, match=f"port {port} is in use; stop the program that uses it"):
        LocalCloud(port=port).start()
    result = run("up", "--port", str(port))
    assert result.exit_code == 1
    assert f"port {port} is in use" in result.stderr
    assert result.stdout == ""


def test_a_folder_that_is_not_writable_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run("up", "--port", "0", "--state", str(tmp_path / "file" / "state"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"cannot write to {tmp_path}/file/state" in result.stderr
    assert "name another folder (--state)" in result.stderr


def test_a_user_without_a_home_has_a_folder_for_the_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """Containers often run with a user that has no entry. A folder named `~` would be a surprise."""
    for name in ("HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", {}.__getitem__)
    assert settings.default_state_folder(4566) == Path(tempfile.gettempdir(), "ds-dashboard", "local", "4566")


def test_up_status_env_and_down(tmp_path: Path) -> None:
    """Data on stdout, everything else on stderr."""
    port = str(free_port())
    assert run("status", "--port", port).exit_code == 3
    organization = f"o-dashboard1={ACCOUNT}"
    up = run("up", "--detach", "--port", port, "--state", str(tmp_path), "--organization", organization)
    try:
        assert (up.exit_code, up.stdout) == (0, "")
        status = json.loads(run("status", "--port", port, "--json").stdout)
        assert status["endpoint"] == f"http://127.0.0.1:{port}"
        assert status["organizations"] == {ACCOUNT: "o-dashboard1"}
        variables = json.loads(run("env", "--port", port, "--account", ACCOUNT, "--json").stdout)
        assert variables["AWS_ENDPOINT_URL"] == status["endpoint"]
        lines = run("env", "--port", port, "--account", ACCOUNT).stdout.splitlines()
        assert f"export AWS_ACCESS_KEY_ID={ACCOUNT}" in lines
        fired = run("fire-schedule", "none", "--port", port, "--account", ACCOUNT)
        assert (fired.exit_code, fired.stdout) == (1, "")
        assert "no scheduled rule 'none'" in fired.stderr
    finally:
        down = run("down", "--port", port)
    assert (down.exit_code, down.stdout) == (0, "")
    assert not is_running(status["pid"])
    again = run("down", "--port", port)
    assert again.exit_code == 0
    assert "Nothing to stop" in again.stderr


@pytest.mark.parametrize(
    "before",
    [
        {"http_proxy": "http://proxy.invalid:1", "no_proxy": "corp.example.com"},
        {"HTTP_PROXY": "http://proxy.invalid:1", "NO_PROXY": "corp.example.com"},
        {"http_proxy": "http://proxy.invalid:1", "all_proxy": "http://proxy.invalid:1", "NO_PROXY": "a,*"},
        {"AWS_ENDPOINT_URL_STS": "http://127.0.0.1:1", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
        {"AWS_ROLE_ARN": "arn:aws:iam::1:role/r", "AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere", "AWS_CA_BUNDLE": "/none"},
        {"AWS_SESSION_TOKEN": "token", "AWS_PROFILE": "none", "AWS_USE_FIPS_ENDPOINT": "true", "AWS_X.Y": "no name"},
    ],
    ids=lambda before: " ".join(before),
)
def test_the_environment_leads_to_the_local_cloud_whatever_was_set_before(
    local_cloud: LocalCloud, before: dict[str, str]
) -> None:
    """A command in that shell must not reach a proxy, or the account that the shell was logged in to."""
    ask = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
    clean = {name: value for name, value in os.environ.items() if not re.match("AWS_|(?i:.*_proxy$)", name)}
    command = [
        "-m",
        "ds_dashboard_cli",
        "local",
        "env",
        "--account",
        ACCOUNT,
        "--port",
        local_cloud.endpoint.rpartition(":")[2],
    ]
    script = f'set -e; eval "$({shlex.join([sys.executable, *command])})"; {shlex.join([sys.executable, "-c", ask])}'
    done = subprocess.run(
        ["bash", "-c", script], env={**clean, **before}, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout.strip(), done.stderr) == (ACCOUNT, "")


def test_up_in_the_foreground_stops_on_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    source = "from ds_dashboard_local.cli.commands import local; local()"
    command = [sys.executable, "-c", source, "up", "--port", str(port), "--state", str(tmp_path)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    assert "answers at" in process.stderr.readline()
    server = RunningCloud(f"http://127.0.0.1:{port}").status()["pid"]
    process.send_signal(2)
    assert process.wait(15) == 0
    assert not is_running(server)
    assert "Traceback" not in process.stderr.read()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("env", "--account", "12"), "is not an account id: 12 digits"),
        (("up", "--organization", "x"), "is not an organization"),
        (("up", "--organization", f"org={ACCOUNT}"), "is not an organization id"),
        (("env",), "Missing option '--account'"),
    ],
)
def test_an_invalid_command_line_names_the_mistake(arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr


@pytest.mark.parametrize("command", [(), ("up",), ("down",), ("status",), ("env",), ("fire-schedule",)])
def test_every_command_has_an_example(command: tuple[str, ...]) -> None:
    assert "  ds-dashboard local " in run(*command, "--help").stdout


def test_another_program_on_the_port_is_not_a_local_cloud() -> None:
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        result = run("status", "--port", str(server.server_port))
    finally:
        server.shutdown()
    assert result.exit_code == 3
    assert "is not a local cloud" in result.stderr


def test_faults_are_injected_listed_and_cleared(local_cloud: LocalCloud) -> None:
    """Data on stdout; an invalid fault is rejected with the fix."""
    port = str(local_cloud.status()["port"])
    call = ("fault", "inject", "sqs:ListQueues", "--port", port)
    injected = run(*call, "--code", "AccessDenied", "--count", "2", "--account", ACCOUNT)
    assert injected.exit_code == 0
    identifier = json.loads(injected.stdout)["id"]
    (listed,) = json.loads(run("fault", "list", "--port", port, "--json").stdout)
    assert (listed["id"], listed["code"], listed["count"], listed["over"]) == (identifier, "AccessDenied", 2, False)
    assert "active       0 hits  error      sqs:ListQueues" in run("fault", "list", "--port", port).stdout
    cleared = run("fault", "clear", str(identifier), "--port", port)
    assert (cleared.exit_code, "sqs:ListQueues" in cleared.stdout) == (0, True)
    nothing = run("fault", "list", "--port", port)
    assert (nothing.stdout, nothing.stderr) == ("", "There is no fault.\n")
    refused = run("fault", "inject", "sqs", "--port", port)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "write it as service:Operation" in refused.stderr
