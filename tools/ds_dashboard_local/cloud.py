"""The local cloud from Python: start it, talk to it, stop it.

with LocalCloud() as cloud:
    cloud.client("sqs", "111111111111").create_queue(QueueName="q")
    subprocess.run(["terraform", "apply"], env=cloud.subprocess_environment("111111111111"))
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

from ds_dashboard_local import settings
from ds_dashboard_local.control import PREFIX

START_SECONDS = 30
STOP_SECONDS = 10


_session_lock = threading.Lock()


@cache
def _session() -> boto3.Session:
    """One session for all clients (a service's model is read once), blind to the user's profiles and credentials."""
    isolated = botocore.session.Session(
        session_vars={
            "profile": (None, [], None, None),
            "config_file": (None, [], os.devnull, None),
            "credentials_file": (None, [], os.devnull, None),
        }
    )
    return boto3.Session(botocore_session=isolated)


class LocalCloudError(Exception):
    """The local cloud does not do what was asked; the message says why, and what to do."""


class RunningCloud:
    """A local cloud that answers at `endpoint`, whoever started it."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._clients: dict[tuple[str, str, str], Any] = {}

    def client(self, service: str, account: str, region: str = settings.DEFAULT_REGION) -> Any:
        """A boto3 client that acts as the root of `account`."""
        key = (service, account, region)
        if key not in self._clients:
            self._clients[key] = self.client_with(service, account, "local", None, region)
        return self._clients[key]

    def client_with(
        self, service: str, access_key: str, secret: str, token: str | None, region: str = settings.DEFAULT_REGION
    ) -> Any:
        """A boto3 client with other credentials, for example those of an assumed role."""
        with _session_lock:  # sessions are not thread-safe, clients are
            return _session().client(
                service,  # type: ignore[call-overload]
                region_name=region,
                endpoint_url=self.endpoint,
                aws_access_key_id=access_key,
                aws_secret_access_key=secret,
                aws_session_token=token,
                config=Config(retries={"total_max_attempts": 2}, proxies={}, connect_timeout=5),
            )

    def client_as_role(self, service: str, role_arn: str, region: str = settings.DEFAULT_REGION) -> Any:
        """A boto3 client that has assumed a role of an account whose root the role trusts."""
        sts = self.client("sts", role_arn.split(":")[4], region)
        keys = sts.assume_role(RoleArn=role_arn, RoleSessionName="local")["Credentials"]
        return self.client_with(service, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region)

    def environment(self, account: str, region: str = settings.DEFAULT_REGION) -> dict[str, str]:
        """What Terraform, the AWS CLI and every SDK need to act as the root of `account`."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": account,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_PAGER": "",
            "NO_PROXY": ",".join(filter(None, [os.environ.get("NO_PROXY"), settings.HOST])),
        }

    def subprocess_environment(self, account: str, region: str = settings.DEFAULT_REGION) -> dict[str, str]:
        """This process's environment without its own AWS settings, and `environment` in their place."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {**kept, **self.environment(account, region)}

    def set_organization(self, organization: str, accounts: Iterable[str]) -> None:
        """Make `accounts` the members of an organization (`o-` and 10 to 32 letters or digits)."""
        self._control("organizations", {"organization": organization, "accounts": list(accounts)})

    def fire_schedule(
        self, name: str, account: str, region: str = settings.DEFAULT_REGION, group: str = "default"
    ) -> dict[str, Any]:
        """Fire a schedule of EventBridge Scheduler, or a rule with a schedule, now.

        Returns {"fired": ARN, "scheduled_time": ...}; LocalCloudError where it does not exist or is disabled.
        """
        return self._control("schedules/fire", {"name": name, "account": account, "region": region, "group": group})

    def status(self) -> dict[str, Any]:
        """{"pid": ..., "port": ..., "state": folder, "organizations": {account: id}}.

        LocalCloudError where nothing answers.
        """
        return self._control("status")

    def _control(self, call: str, arguments: Mapping[str, Any] | None = None) -> dict[str, Any]:
        data = None if arguments is None else json.dumps(arguments).encode()
        request = urllib.request.Request(self.endpoint + PREFIX + call, data=data)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=30) as answer:
                result: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            try:
                reason = json.load(error)["error"]
            except (ValueError, KeyError):
                reason = f"{self.endpoint} is no local cloud (it answers {error.code})"
            raise LocalCloudError(reason) from None
        except (OSError, ValueError):
            raise LocalCloudError(f"no local cloud answers at {self.endpoint}") from None
        return result


class LocalCloud(RunningCloud):
    """A local cloud of one's own, in a child process that ends with this one."""

    def __init__(
        self,
        *,
        port: int = 0,
        state: Path | None = None,
        organizations: Mapping[str, Sequence[str]] | None = None,
        detached: bool = False,
    ) -> None:
        """`port` 0 takes a free one; without `state` a temporary folder is used and removed at the end.

        `detached` lets the process outlive this one; it then needs a `state`.
        """
        super().__init__(endpoint="")
        self._port, self._detached = port, detached
        self._temporary = state is None
        self.state = state or Path(tempfile.gettempdir())
        self._organizations = organizations or {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log_file(self) -> Path:
        """Where the server and every service in it write what they do."""
        return self.state / "server.log"

    def __enter__(self) -> "LocalCloud":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> "LocalCloud":
        """Start the server and wait until it answers; LocalCloudError says why it does not."""
        if fault := settings.engine_fault():
            raise LocalCloudError(fault)
        address = self._prepare_state()
        command = [sys.executable, "-m", "ds_dashboard_local.server", "--state", str(self.state)]
        command += ["--port", str(self._port)]
        for identifier, accounts in self._organizations.items():
            command += ["--organization", f"{identifier}={','.join(accounts)}"]
        environment = settings.process_environment(self.state, os.environ)
        with self.log_file.open("wb") as log:
            self._process = subprocess.Popen(
                command if self._detached else [*command, "--stop-with-stdin"],
                stdin=subprocess.DEVNULL if self._detached else subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )
        self._wait_until_it_answers(address)
        return self

    def _prepare_state(self) -> Path:
        """Make the state folder; returns the file in which the server will leave its address."""
        try:
            if self._temporary:
                self.state = Path(tempfile.mkdtemp(prefix="ds-dashboard-local-"))
            self.state.mkdir(parents=True, exist_ok=True)
            address = self.state / "address"
            address.unlink(missing_ok=True)
        except OSError as error:
            raise LocalCloudError(f"cannot write to {self.state}: {error.strerror}; name another folder") from None
        return address

    def _wait_until_it_answers(self, address: Path) -> None:
        assert self._process is not None
        limit = time.monotonic() + START_SECONDS
        while time.monotonic() < limit:
            if self._process.poll() is not None:
                from ds_dashboard_local.server import EXIT_PORT_IN_USE

                if self._process.returncode == EXIT_PORT_IN_USE:
                    self._clean_up()
                    raise LocalCloudError(
                        f"port {self._port} is in use; stop what uses it (ds-dashboard local down --port "
                        f"{self._port}, if it is a local cloud) or take another port"
                    )
                raise LocalCloudError(f"the local cloud ended while it started; {self.log_file} says why")
            if address.exists():
                self.endpoint = address.read_text()
                try:
                    self.status()
                    return
                except LocalCloudError:
                    pass
            time.sleep(0.02)
        self.stop()
        raise LocalCloudError(f"the local cloud did not answer within {START_SECONDS} s; {self.log_file} says why")

    def ended(self) -> bool:
        """Whether the server is gone, stopped or crashed."""
        return self._process is None or self._process.poll() is not None

    def stop(self) -> None:
        """End the server, with every Lambda worker; nothing happens where it has ended already."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin:
            process.stdin.close()
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._clean_up()

    def _clean_up(self) -> None:
        if self._temporary:
            shutil.rmtree(self.state, ignore_errors=True)
