"""The server: its process, its files, and its answers to repeated calls."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from ds_dashboard_local import LocalCloud, LocalCloudError, settings
from ds_dashboard_local.client.accounts import Account, eventually
from ds_dashboard_local.client.cloud import is_running

ACCOUNT = "123456789012"
SCOPE = f"{ACCOUNT}/20260101/eu-west-1/sts/aws4_request"
SIGNED = {"Authorization": f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host, Signature=none"}


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_it_starts_in_seconds_and_leaves_no_process_no_port_and_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It also ends the worker of a function, even a busy one."""
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


STUCK = """
import asyncio
from ds_dashboard_local.server import shutdown

async def serve():
    shutdown._GRACE_SECONDS = 0.2
    shutdown.Shutdown(lambda: print("cleaned up", flush=True)).follow_stdin()
    print("stuck", flush=True)
    while True:
        pass

asyncio.run(serve())
"""


@pytest.mark.parametrize("end", ["standard input", "signal"])
def test_a_stuck_server_ends_by_force_and_shows_where_it_was(end: str) -> None:
    """Its event loop sees neither; without force it would outlive the test run that started it."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", STUCK], stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == "stuck\n"
        if end == "signal":
            process.terminate()
        else:
            process.stdin.close()
        assert process.wait(10) == 1
        assert process.stdout.read() == "cleaned up\n"
        assert "in serve" in process.stderr.read()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files in /proc")
@pytest.mark.parametrize("during", [False, True], ids=["idle", "during a call"])
def test_a_connection_that_the_client_closes_leaves_no_open_file(local_cloud: LocalCloud, during: bool) -> None:
    """Functions that time out close theirs in the middle of calls; a server without files accepts no connection."""
    files = Path(f"/proc/{local_cloud.status()['pid']}/fd")
    path, before, clients = PATHS[0], len(list(files.iterdir())), []
    with local_cloud.fault("sts:GetCallerIdentity", kind="delay", delay=1 if during else 0.01, account=ACCOUNT):
        for _ in range(50):
            client = HTTPConnection("127.0.0.1", urlsplit(local_cloud.endpoint).port)
            client.request("GET", path, headers=SIGNED)
            clients.append(client)
            if not during:
                client.getresponse().read()
        eventually(lambda: len(list(files.iterdir())) > before + 40)
        for client in clients:
            client.close()
        eventually(lambda: len(list(files.iterdir())) < before + 10)


def _request(cloud: LocalCloud, headers: dict[str, str], path: str = "/", method: str = "GET") -> int:
    """Send a request with these headers in addition to those of a root's signature; returns the status."""
    address = urlsplit(cloud.endpoint)
    connection = HTTPConnection(str(address.hostname), address.port)
    connection.request(method, path, headers={**SIGNED, **headers})
    return connection.getresponse().status


PATHS = [
    "/?Action=GetCallerIdentity&Version=2011-06-15",
    f"{settings.CONTROL_PREFIX}status",
    "/_ministack/health",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://attacker.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
        {"Host": "attacker.example"},
        {"Host": "127.0.0.1.attacker.example:4566"},
        {"Host": "localhost@attacker.example"},
        {"Host": ""},
    ],
    ids=str,
)
def test_a_request_of_a_web_page_or_for_another_host_is_rejected(
    local_cloud: LocalCloud, headers: dict[str, str], path: str
) -> None:
    """Any page in the developer's browser can send requests here, with credentials of its choice."""
    assert _request(local_cloud, headers, path) == 403
    assert _request(local_cloud, headers, path, "POST") == 403
    assert _request(local_cloud, headers, path, "OPTIONS") == 403


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:4566", "localhost:4566", "LocalHost", "[::1]:1", "a.localhost"]
)
def test_programs_reach_it_by_every_name_of_this_machine(local_cloud: LocalCloud, host: str) -> None:
    for path in PATHS:
        assert _request(local_cloud, {"Host": host}, path) == 200


def test_it_listens_on_the_loopback_interface_only(local_cloud: LocalCloud) -> None:
    """Another address of this machine has no such port, also one of the loopback interface."""
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.2", local_cloud.status()["port"])) != 0


def test_a_web_socket_of_a_web_page_is_rejected(local_cloud: LocalCloud) -> None:
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    key = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": "https://attacker.example"}
    assert _request(local_cloud, {**headers, **key}, "/_aws/execute-api/a/b") == 403


def test_it_ignores_a_users_profile(monkeypatch: pytest.MonkeyPatch, local_cloud: LocalCloud) -> None:
    """An unknown profile would be an error of every client, and a real one a danger."""
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "secret")
    client = local_cloud.client_with("sts", ACCOUNT, "local", None)
    assert client.get_caller_identity()["Account"] == ACCOUNT
    environment = local_cloud.subprocess_environment(ACCOUNT)
    assert "AWS_PROFILE" not in environment
    assert "AWS_SESSION_TOKEN" not in environment


def test_another_program_reaches_it_by_environment_variables_alone(local_cloud: LocalCloud) -> None:
    source = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
    environment = local_cloud.subprocess_environment(ACCOUNT, "us-east-1")
    done = subprocess.run([sys.executable, "-c", source], env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == ACCOUNT, done.stderr


def test_another_version_of_the_engine_is_rejected_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patches replace functions by name: with another version some later call would fail."""
    monkeypatch.setattr(settings, "ENGINE_VERSION", "9.9.9")
    with pytest.raises(LocalCloudError, match=r"ministack is 1\.5\.33, and .* pip install"):
        LocalCloud().start()


def test_a_server_that_ends_at_start_names_its_log(tmp_path: Path) -> None:
    flags = {"not-an-organization": [ACCOUNT]}
    with pytest.raises(LocalCloudError, match=r"ended while it started; see .*server\.log"):
        LocalCloud(state=tmp_path, organizations=flags).start()
    assert "is not an organization id" in (tmp_path / "server.log").read_text()


GO = "APN/1.0 HashiCorp/1.0 Terraform/1.11.4 terraform-provider-aws/5.100.0 aws-sdk-go-v2/1.36.3"
Create = Callable[[str, str], str]


@pytest.fixture(params=[GO, "Boto3/1.42"], ids=["go", "other"])
def agent(request: pytest.FixtureRequest) -> str:
    """The user agent of the caller."""
    agent: str = request.param
    return agent


@pytest.fixture
def create(account: Account, agent: str) -> Create:
    """Return a function that creates a bus as that client does, with an invocation id, and returns its ARN."""
    events = account.cloud.client_with("events", account.id, "local", None)
    invocation = ""

    def name(request: Any, **_: Any) -> None:
        request.headers.update({"User-Agent": agent, "amz-sdk-invocation-id": invocation})

    events.meta.events.register("before-send.events.CreateEventBus", name)

    def call(bus: str, with_invocation: str) -> str:
        nonlocal invocation
        invocation = with_invocation
        arn: str = events.create_event_bus(Name=bus)["EventBusArn"]
        return arn

    return call


def test_a_repeated_call_gets_the_first_answer(create: Create, agent: str) -> None:
    """Only if Terraform's SDK repeats it, and only with the same invocation id."""
    one = str(uuid4())
    first = create("measures", one)
    if agent == GO:
        assert create("measures", one) == first
    else:
        with pytest.raises(ClientError, match="already exists"):
            create("measures", one)
    with pytest.raises(ClientError, match="already exists"):
        create("measures", str(uuid4()))


def test_a_call_whose_connection_was_cut_is_executed_again(account: Account, create: Create) -> None:
    """As on AWS, since the first answer was never sent. The client makes the second attempt by itself."""
    with account.cloud.fault("events:CreateEventBus", kind="lost", count=1) as fault:
        with pytest.raises(ClientError, match="already exists"):
            create("measures", str(uuid4()))
        assert fault.hits == 1
