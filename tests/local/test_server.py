"""The process: starts in seconds, serves one loopback port, writes into one folder, leaves nothing behind."""

from __future__ import annotations

import http.server
import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ds_dashboard_local import settings
from ds_dashboard_local.accounts import Account, eventually
from ds_dashboard_local.cloud import LocalCloud, LocalCloudError, RunningCloud
from ds_dashboard_local.command import local

ACCOUNT = "123456789012"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(local, arguments)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_it_starts_in_seconds_and_leaves_no_process_no_port_and_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also not the worker of a function, even one that is busy."""
    monkeypatch.chdir(tmp_path)
    begun = time.monotonic()
    cloud = LocalCloud().start()
    assert time.monotonic() - begun < 10
    account = Account(cloud, ACCOUNT)
    account.function("f", "import os, time\ndef handler(event, context): time.sleep(event); return os.getpid()")
    worker, server, port = account.invoke("f", 0), cloud.status()["pid"], cloud.status()["port"]
    account.lambda_.invoke(FunctionName="f", InvocationType="Event", Payload="60")
    assert alive(worker)
    state = cloud.state
    cloud.stop()
    assert not alive(server)
    assert not alive(worker)
    assert not listens(port)
    assert not state.exists()
    assert list(tmp_path.iterdir()) == []
    cloud.stop()


def test_it_writes_into_its_state_folder_only_and_keeps_the_log(tmp_path: Path) -> None:
    with LocalCloud(state=tmp_path / "state") as cloud:
        Account(cloud, ACCOUNT).function("f", "def handler(event, context): return 1")
        assert Account(cloud, ACCOUNT).invoke("f") == 1
    left = sorted(path.name for path in (tmp_path / "state").iterdir())
    assert left == ["address", "server.log"]
    assert "Lambda worker spawned for f" in cloud.log_file.read_text()


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    """A test run that is killed must not leave a server behind."""
    source = f"""
import os, pathlib
from ds_dashboard_local.cloud import LocalCloud
cloud = LocalCloud(state=pathlib.Path({str(tmp_path)!r})).start()
print(cloud.status()["pid"], flush=True)
os.kill(os.getpid(), 9)
"""
    pid = int(subprocess.run([sys.executable, "-c", source], capture_output=True, text=True).stdout)
    eventually(lambda: not alive(pid))


def test_it_does_not_take_over_a_users_profile(monkeypatch: pytest.MonkeyPatch, local_cloud: LocalCloud) -> None:
    """A profile that does not exist here would be an error at every client, a real one a danger."""
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "secret")
    client = local_cloud.client_with("sts", ACCOUNT, "local", None)
    assert client.get_caller_identity()["Account"] == ACCOUNT
    environment = local_cloud.subprocess_environment(ACCOUNT)
    assert "AWS_PROFILE" not in environment
    assert "AWS_SESSION_TOKEN" not in environment


def test_a_program_of_ones_own_reaches_it_by_environment_alone(local_cloud: LocalCloud) -> None:
    source = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
    environment = local_cloud.subprocess_environment(ACCOUNT, "us-east-1")
    done = subprocess.run([sys.executable, "-c", source], env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == ACCOUNT, done.stderr


def test_a_port_in_use_is_named_with_its_cure(local_cloud: LocalCloud) -> None:
    port = local_cloud.status()["port"]
    with pytest.raises(LocalCloudError, match=f"port {port} is in use; stop what uses it"):
        LocalCloud(port=port).start()
    result = run("up", "--port", str(port))
    assert result.exit_code == 1
    assert f"port {port} is in use" in result.stderr
    assert result.stdout == ""


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run("up", "--port", "0", "--state", str(tmp_path / "file" / "state"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"cannot write to {tmp_path}/file/state" in result.stderr


def test_another_engine_is_refused_before_it_does_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bridge replaces functions by name: with another version it would fail somewhere, later."""
    monkeypatch.setattr(settings, "ENGINE_VERSION", "9.9.9")
    with pytest.raises(LocalCloudError, match=r"ministack is 1\.5\.33, and .* pip install"):
        LocalCloud().start()


def test_a_server_that_ends_at_start_points_to_its_log(tmp_path: Path) -> None:
    flags = {"not-an-organization": [ACCOUNT]}
    with pytest.raises(LocalCloudError, match=r"ended while it started; .*server\.log says why"):
        LocalCloud(state=tmp_path, organizations=flags).start()
    assert "is no organization id" in (tmp_path / "server.log").read_text()


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
    assert not alive(status["pid"])
    again = run("down", "--port", port)
    assert again.exit_code == 0
    assert "Nothing to stop" in again.stderr


def test_up_in_the_foreground_stops_on_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    source = "from ds_dashboard_local.command import local; local()"
    command = [sys.executable, "-c", source, "up", "--port", str(port), "--state", str(tmp_path)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    assert "answers at" in process.stderr.readline()
    server = RunningCloud(f"http://127.0.0.1:{port}").status()["pid"]
    process.send_signal(2)
    assert process.wait(15) == 0
    assert not alive(server)
    assert "Traceback" not in process.stderr.read()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("env", "--account", "12"), "is no account id: 12 digits"),
        (("up", "--organization", "x"), "is no organization"),
        (("up", "--organization", f"org={ACCOUNT}"), "is no organization id"),
        (("env",), "Missing option '--account'"),
    ],
)
def test_a_wrong_command_line_says_what_is_wrong(arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr


@pytest.mark.parametrize("command", [(), ("up",), ("down",), ("status",), ("env",), ("fire-schedule",)])
def test_every_command_has_an_example(command: tuple[str, ...]) -> None:
    assert "  ds-dashboard local " in run(*command, "--help").stdout


def test_what_is_no_local_cloud_is_said_to_be_none() -> None:
    """Another program may sit on the port."""
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        result = run("status", "--port", str(server.server_port))
    finally:
        server.shutdown()
    assert result.exit_code == 3
    assert "is no local cloud" in result.stderr
