"""A running local cloud: its clients, the environment for other programs, and its control API."""

from __future__ import annotations

import json
import os
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ds_dashboard_local import settings

if TYPE_CHECKING:
    import boto3

_NO_PROXY = ("NO_PROXY", "no_proxy")
# Shells start with them, or scripts read them if a profile or role is set later: unset whether they are set or not.
_ALWAYS_UNSET = {"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN"}
_session_lock = threading.Lock()


@cache
def _session() -> boto3.Session:
    """Return one session for all clients, without the user's profiles and credentials.

    A session reads each service's model once.
    """
    # Imported here: it takes longer than most commands.
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
    """The local cloud cannot do what was requested; the message says why, and how to fix it."""


class RunningCloud:
    """A local cloud that answers at `endpoint`, whoever started it."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._clients: dict[tuple[str, str, str], Any] = {}

    def client(self, service: str, account: str, region: str = settings.DEFAULT_REGION) -> Any:
        """Return a boto3 client that acts as the root of `account`."""
        key = (service, account, region)
        if key not in self._clients:
            self._clients[key] = self.client_with(service, account, "local", None, region)
        return self._clients[key]

    def client_with(
        self, service: str, access_key: str, secret: str, token: str | None, region: str = settings.DEFAULT_REGION
    ) -> Any:
        """Return a boto3 client with other credentials, for example those of an assumed role."""
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
        """Return a boto3 client that has assumed a role, as the root of the role's account."""
        sts = self.client("sts", role_arn.split(":")[4], region)
        keys = sts.assume_role(RoleArn=role_arn, RoleSessionName="local")["Credentials"]
        return self.client_with(service, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region)

    def environment(self, account: str, region: str = settings.DEFAULT_REGION) -> dict[str, str]:
        """Return the variables with which Terraform, the AWS CLI and every SDK act as the root of `account`."""
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
            # Python and curl read the lower case first, Go the upper case.
            **dict.fromkeys(_NO_PROXY, _hosts_without_proxy()),
        }

    def subprocess_environment(self, account: str, region: str = settings.DEFAULT_REGION) -> dict[str, str]:
        """Return this process's environment with `environment` in place of its own AWS settings."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {**kept, **self.environment(account, region)}

    def variables_to_unset(self, account: str) -> list[str]:
        """Return the AWS settings of this process's environment that `environment` does not replace, sorted.

        Any of them, such as AWS_ENDPOINT_URL_SQS or AWS_ROLE_ARN, may lead elsewhere.
        """
        # A shell does not unset other names.
        found = {name for name in os.environ if re.fullmatch("AWS_[A-Za-z0-9_]*", name)}
        return sorted((found | _ALWAYS_UNSET) - self.environment(account).keys())

    def set_organization(self, organization: str, accounts: Iterable[str]) -> None:
        """Replace the members of an organization (`o-` and 10 to 32 lower case letters or digits).

        Raises:
            LocalCloudError: An id has another form.
        """
        self._control("organizations", {"organization": organization, "accounts": list(accounts)})

    def fire_schedule(
        self, name: str, account: str, region: str = settings.DEFAULT_REGION, group: str | None = None
    ) -> dict[str, Any]:
        """Fire a schedule of EventBridge Scheduler, or a rule with a schedule expression, now.

        Args:
            name: The name of the schedule or rule.
            account: Its account.
            region: Its region.
            group: The schedule's group; None searches all groups.

        Returns:
            {"fired": ARN, "scheduled_time": "2026-01-01T00:00:00Z"}

        Raises:
            LocalCloudError: It does not exist, is disabled, or is in more than one group.
        """
        return self._control("schedules/fire", {"name": name, "account": account, "region": region, "group": group})

    def set_attributes(self, attributes: Mapping[str, Mapping[str, Any]]) -> None:
        """Change what the API returns of SageMaker's resources, such as jobs that ended in the past.

        cloud.set_attributes({job["TrainingJobArn"]: {"TrainingJobStatus": "Failed", "TrainingEndTime": ended}})

        Args:
            attributes: ARN -> name in the answer of the Describe operation -> value; None leaves it out of answers.

        Raises:
            LocalCloudError: There is no such resource, or the operation does not return such an attribute.
        """
        self._control("attributes", attributes)

    def add_costs(self, account: str, costs: Iterable[Mapping[str, Any]]) -> None:
        """Add costs that Cost Explorer returns.

        Args:
            account: The account.
            costs: Each has `date`, `service` and `amount` in USD, and can have `usage_type`, `quantity`, `unit`,
                `region`, `record_type` and `linked_account`.

        Raises:
            LocalCloudError: A cost has another field, lacks one, or has a value that is not valid.
        """
        self._control("costs", {"account": account, "costs": list(costs)})

    def fault(self, call: str | None = None, **settings: Any) -> InjectedFault:
        """Inject a fault, until it is lifted, its count is reached or its duration is over.

        with cloud.fault("dynamodb:BatchExecuteStatement", code="ThrottlingException", count=5): ...

        Args:
            call: `service:Operation`; the kinds `redeliver` and `duplicate` need none.
            **settings: The other fields of `ds_dashboard_local.faults.fault.Fault`.

        Raises:
            LocalCloudError: A field is unknown or invalid.
        """
        given = {**settings, **({} if call is None else {"call": call})}
        return InjectedFault(self._control, self._control("faults/inject", given))

    def faults(self) -> list[dict[str, Any]]:
        """Return the faults that are not lifted, each with its fields, `id`, `hits` and `over`."""
        found: list[dict[str, Any]] = self._control("faults/list")["faults"]
        return found

    def lift_faults(self, identifier: int | None = None) -> list[dict[str, Any]]:
        """Lift one fault, or all, and return what was lifted."""
        lifted: list[dict[str, Any]] = self._control("faults/lift", {"id": identifier})["faults"]
        return lifted

    def status(self) -> dict[str, Any]:
        """Return {"pid": ..., "port": ..., "state": folder, "organizations": {account: id}}.

        Raises:
            LocalCloudError: No local cloud answers.
        """
        return self._control("status")

    def _control(self, call: str, arguments: Mapping[str, Any] | None = None) -> dict[str, Any]:
        data = None if arguments is None else json.dumps(arguments, default=_text).encode()
        request = urllib.request.Request(self.endpoint + settings.CONTROL_PREFIX + call, data=data)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=30) as answer:
                result: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            try:
                reason = json.load(error)["error"]
            except (ValueError, KeyError):
                reason = f"{self.endpoint} is not a local cloud (it answers {error.code})"
            raise LocalCloudError(reason) from None
        except (OSError, ValueError):
            raise LocalCloudError(f"no local cloud answers at {self.endpoint}") from None
        return result


def _text(value: Any) -> str:
    """Return a time or a decimal number as text."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{value!r} has no form in JSON")


class InjectedFault:
    """An injected fault; as a context manager it is lifted at the end."""

    def __init__(self, control: Callable[..., dict[str, Any]], description: dict[str, Any]) -> None:
        self._control = control
        self.id: int = description["id"]
        self._last = description

    @property
    def hits(self) -> int:
        """The calls, messages or events that it has hit so far."""
        for found in self._control("faults/list")["faults"]:
            if found["id"] == self.id:
                self._last = found
        return int(self._last["hits"])

    def lift(self) -> None:
        """Lift the fault, if it is not lifted already."""
        if any(found["id"] == self.id for found in self._control("faults/list")["faults"]):
            (self._last,) = self._control("faults/lift", {"id": self.id})["faults"]

    def __enter__(self) -> InjectedFault:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.lift()


def _hosts_without_proxy() -> str:
    given = [host.strip() for name in _NO_PROXY for host in os.environ.get(name, "").split(",") if host.strip()]
    # With anything beside it, most programs would not read the asterisk as "no proxy at all".
    return "*" if "*" in given else ",".join(dict.fromkeys([*given, settings.HOST]))
