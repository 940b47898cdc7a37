"""The process: starts in seconds, serves one loopback port, writes into one folder, leaves nothing behind."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ds_dashboard_local import LocalCloud, LocalCloudError, settings
from ds_dashboard_local.client.accounts import Account, eventually
from ds_dashboard_local.client.cloud import is_running

ACCOUNT = "123456789012"


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_it_starts_in_seconds_and_leaves_no_process_no_port_and_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also not the worker of a function, even one that is busy."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "queue.py").write_text("raise ImportError('a file of the user')")
    begun = time.monotonic()
    cloud = LocalCloud().start()
    assert time.monotonic() - begun < 10
    account = Account(cloud, ACCOUNT)
    account.function("f", "import os, time\ndef handler(event, context): time.sleep(event); return os.getpid()")
    worker, server, port = account.invoke("f", 0), cloud.status()["pid"], cloud.status()["port"]
    account.lambda_.invoke(FunctionName="f", InvocationType="Event", Payload="60")
    assert is_running(worker)
    state = cloud.state
    cloud.stop()
    assert not is_running(server)
    assert not is_running(worker)
    assert not listens(port)
    assert not state.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["queue.py"]
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
from ds_dashboard_local import LocalCloud
cloud = LocalCloud(state=pathlib.Path({str(tmp_path)!r})).start()
print(cloud.status()["pid"], flush=True)
os.kill(os.getpid(), 9)
"""
    pid = int(subprocess.run([sys.executable, "-c", source], capture_output=True, text=True).stdout)
    eventually(lambda: not is_running(pid))


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


def test_another_engine_is_refused_before_it_does_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bridge replaces functions by name: with another version it would fail somewhere, later."""
    monkeypatch.setattr(settings, "ENGINE_VERSION", "9.9.9")
    with pytest.raises(LocalCloudError, match=r"ministack is 1\.5\.33, and .* pip install"):
        LocalCloud().start()


def test_a_server_that_ends_at_start_points_to_its_log(tmp_path: Path) -> None:
    flags = {"not-an-organization": [ACCOUNT]}
    with pytest.raises(LocalCloudError, match=r"ended while it started; see .*server\.log"):
        LocalCloud(state=tmp_path, organizations=flags).start()
    assert "is not an organization id" in (tmp_path / "server.log").read_text()
