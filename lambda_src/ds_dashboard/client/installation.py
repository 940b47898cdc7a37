"""An installation in one account and region: its name, and AWS clients with the caller's credentials."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ds_dashboard.client.errors import HubError, InvalidConfiguration
from ds_dashboard.identity import DEFAULT_NAME, Names

# What a header of a request can have. The message of an HTTP client about anything else contains the header.
_CREDENTIAL = re.compile("[!-~]+")
_KEYS = ("access_key", "secret_key", "token")
_VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
# The threads that can share a client: it closes the connections of more after each call.
MAX_CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Call:
    """A call of an AWS API. An error message can name it if AWS denies it."""

    service: str
    operation: str
    params: Mapping[str, Any] = field(default_factory=dict)


class Installation:
    """A hub or a spoke under one name, in the account and region that the credentials belong to.

    The constructor makes no call: credentials and region are resolved when the first client is made. Whatever is wrong
    with them is an error then, and not one of the first call of that client.

    Args:
        name: `name` in the Terraform modules.
        profile: a profile of the AWS configuration; None for boto3's default.
        region: None for boto3's default.
        config: of the clients, as `botocore.config.Config` takes it.
    """

    def __init__(
        self,
        name: str,
        profile: str | None = None,
        region: str | None = None,
        config: Mapping[str, Any] | None = None,
    ) -> None:
        self.name, self.profile, self.names = name, profile, Names(name)
        self._config = dict(config or {})
        self._requested_region = region
        self._clients: dict[tuple[str, str | None], Any] = {}
        # A boto3 session is not thread-safe while it makes a client. The clients themselves are.
        self._lock = threading.RLock()

    @property
    def options(self) -> list[str]:
        """The options with which a command in the same terminal uses this installation."""
        given = (
            ("--name", self.name, ("DS_DASHBOARD_NAME",), DEFAULT_NAME),
            ("--profile", self.profile, (), None),
            ("--region", self._requested_region, ("AWS_REGION", "AWS_DEFAULT_REGION"), None),
        )
        found = []
        for option, value, variables, default in given:
            usual = next((os.environ[one] for one in variables if os.environ.get(one)), default)
            found += [option, value] if value and value != usual else []
        return found

    @property
    def options_elsewhere(self) -> list[str]:
        """The options with which a command in any terminal, of somebody with a profile of their own, uses it."""
        return [*([] if self.name == DEFAULT_NAME else ["--name", self.name]), "--region", self.region]

    @cached_property
    def _session(self) -> Any:
        import boto3

        return boto3.Session(profile_name=self.profile or None, region_name=self._requested_region or None)

    @cached_property
    def _resolved_session(self) -> Any:
        """The session, with a region and credentials that a request can have."""
        if self.region != "".join(self.region.split()):
            raise HubError(
                "region",
                f"is {self.region!r}, which contains white space.",
                "Correct --region, AWS_REGION, or `region` of the profile.",
            )
        credentials = self._session.get_credentials()
        if credentials is None:
            return self._session  # its calls fail for want of them
        # Assumes the role of a profile, or reads the token of a login.
        resolved = credentials.get_frozen_credentials()
        for key, variable in zip(_KEYS, _VARIABLES, strict=True):
            text = getattr(resolved, key)
            if text and not _CREDENTIAL.fullmatch(text):
                raise HubError(
                    variable if credentials.method == "env" else f"{variable.lower()} of the AWS configuration",
                    "contains white space, a line break, or another character that no credential has.",
                    "Set it again without that character. It is not shown here, because it is secret.",
                )
        return self._session

    def client(self, service: str, region: str | None = None) -> Any:
        """Return the client of a service, made once; by default in the installation's region.

        Raises:
            HubError: the region or the credentials contain white space.
            InvalidConfiguration: a setting of boto3 cannot be used, or a file that one names cannot be read.
            botocore.exceptions.BotoCoreError: there is no region, or the credentials cannot be resolved.
            botocore.exceptions.ClientError: the role of the profile cannot be assumed.
        """
        with self._lock:
            key = (service, region)
            if key not in self._clients:
                client = self._new_client(service, region)
                client.meta.events.register("provide-client-params", _record_call)
                client.meta.events.register("after-call", _add_call_to_error)
                self._clients[key] = client
            return self._clients[key]

    def renew(self) -> None:
        """Forget the session and its clients: the next call reads credentials anew, which were renewed elsewhere."""
        with self._lock:
            self._clients.clear()
            for name in ("_session", "_resolved_session", "_identity", "account"):
                self.__dict__.pop(name, None)

    def _new_client(self, service: str, region: str | None) -> Any:
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError

        config = Config(max_pool_connections=MAX_CONNECTIONS, **self._config)
        try:
            return self._resolved_session.client(service, config=config, **({"region_name": region} if region else {}))
        except (BotoCoreError, ClientError, HubError):
            raise
        except Exception as error:
            raise InvalidConfiguration(error) from error

    @property
    def region(self) -> str:
        """The region of the installation."""
        return str(self._session.region_name or "")

    @cached_property
    def account(self) -> str:
        """The caller's account ID."""
        return str(self._identity["Account"])

    @property
    def caller(self) -> str:
        """The caller's ARN."""
        return str(self._identity["Arn"])

    @cached_property
    def _identity(self) -> Mapping[str, Any]:
        identity: Mapping[str, Any] = self.client("sts").get_caller_identity()
        return identity

    @property
    def botocore_session(self) -> Any:
        """The session, for libraries that make clients of their own."""
        return self._session._session

    @property
    def partition(self) -> str:
        """The partition of the region, such as `aws` or `aws-cn`."""
        return str(self._session.get_partition_for_region(self.region))

    def table(self, role: str) -> str:
        """Return the name of a table of the hub: of `metrics`, `latest` or `spokes`."""
        return self.names.table(role)


def _record_call(params: Mapping[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
    context["ds_dashboard_call"] = Call(model.service_model.signing_name, model.name, dict(params))


def _add_call_to_error(parsed: dict[str, Any], context: Mapping[str, Any], **_: Any) -> None:
    # botocore makes this dictionary the `response` of the exception; `errors.failed_call` reads it.
    if "Error" in parsed:
        parsed["Call"] = context.get("ds_dashboard_call")
