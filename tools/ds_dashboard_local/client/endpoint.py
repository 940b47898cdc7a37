"""A local cloud that runs, whoever started it: clients, environments, and what one may ask of it."""

from __future__ import annotations

import json
import os
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ds_dashboard_local import settings

if TYPE_CHECKING:
    import boto3

_session_lock = threading.Lock()


@cache
def _session() -> boto3.Session:
    """One session for all clients (a service's model is read once), blind to the user's profiles and credentials."""
    # Imported when needed: it takes longer than most of what the command does.
    import boto3
    import botocore.session

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
        from botocore.config import Config

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
        self, name: str, account: str, region: str = settings.DEFAULT_REGION, group: str | None = None
    ) -> dict[str, Any]:
        """Fire a schedule of EventBridge Scheduler (in any group), or a rule with a schedule, now.

        Returns {"fired": ARN, "scheduled_time": ...}; LocalCloudError where it does not exist or is disabled.
        """
        return self._control("schedules/fire", {"name": name, "account": account, "region": region, "group": group})

    def fault(self, call: str | None = None, **settings: Any) -> InjectedFault:
        """Let calls run into a fault, from now on until it is lifted, its count is reached or its time is up.

        with cloud.fault("dynamodb:BatchExecuteStatement", code="ThrottlingException", count=5): ...

        `settings` are those of `ds_dashboard_local.faults.fault.Fault`; LocalCloudError where they make no sense.
        """
        given = {**settings, **({} if call is None else {"call": call})}
        return InjectedFault(self._control, self._control("faults/inject", given))

    def faults(self) -> list[dict[str, Any]]:
        """The faults that were set and not lifted, each with its settings, `id`, `hits` and `over`."""
        found: list[dict[str, Any]] = self._control("faults/list")["faults"]
        return found

    def lift_faults(self, identifier: int | None = None) -> list[dict[str, Any]]:
        """Lift one fault, or all; returns what was lifted."""
        gone: list[dict[str, Any]] = self._control("faults/lift", {"id": identifier})["faults"]
        return gone

    def status(self) -> dict[str, Any]:
        """{"pid": ..., "port": ..., "state": folder, "organizations": {account: id}}.

        LocalCloudError where nothing answers.
        """
        return self._control("status")

    def _control(self, call: str, arguments: Mapping[str, Any] | None = None) -> dict[str, Any]:
        data = None if arguments is None else json.dumps(arguments).encode()
        request = urllib.request.Request(self.endpoint + settings.CONTROL_PREFIX + call, data=data)
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


class InjectedFault:
    """A fault that is set; as a context manager it is lifted at the end."""

    def __init__(self, control: Callable[..., dict[str, Any]], described: dict[str, Any]) -> None:
        self._control = control
        self.id: int = described["id"]
        self._last = described

    @property
    def hits(self) -> int:
        """How many calls, messages or events have run into it so far."""
        for found in self._control("faults/list")["faults"]:
            if found["id"] == self.id:
                self._last = found
        return int(self._last["hits"])

    def lift(self) -> None:
        """Let everything pass again; nothing happens where it was lifted already."""
        if any(found["id"] == self.id for found in self._control("faults/list")["faults"]):
            (self._last,) = self._control("faults/lift", {"id": self.id})["faults"]

    def __enter__(self) -> InjectedFault:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.lift()
