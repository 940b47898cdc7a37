"""The installation that a command talks to: its name, and clients with the caller's credentials."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """A call of an AWS API, for saying which one was refused."""

    service: str
    operation: str
    params: Mapping[str, Any] = field(default_factory=dict)


class Installation:
    """What `--name`, `--profile` and `--region` say; nothing is asked before the first client is made."""

    def __init__(self, name: str, profile: str | None = None, region: str | None = None) -> None:
        self.name, self.profile = name, profile
        self.last_call: Call | None = None
        self._asked_region = region
        self._clients: dict[tuple[str, str | None], Any] = {}
        # boto3 sessions are not safe to share while clients are being made; made clients are.
        self._lock = threading.RLock()

    @cached_property
    def _session(self) -> Any:
        import boto3

        return boto3.Session(profile_name=self.profile or None, region_name=self._asked_region or None)

    def client(self, service: str, region: str | None = None) -> Any:
        """The client of a service, made once; by default in the installation's region."""
        with self._lock:
            key = (service, region)
            if key not in self._clients:
                client = self._session.client(service, **({"region_name": region} if region else {}))
                client.meta.events.register("provide-client-params", self._remember)
                self._clients[key] = client
            return self._clients[key]

    def _remember(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        self.last_call = Call(model.service_model.signing_name, model.name, dict(params))

    @property
    def region(self) -> str:
        """The region that is talked to."""
        return str(self._session.region_name or "")

    @cached_property
    def account(self) -> str:
        """The caller's account."""
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
        """For libraries that make clients of their own."""
        return self._session._session

    @property
    def partition(self) -> str:
        """`aws`, or that of China or of the US government."""
        return str(self._session.get_partition_for_region(self.region))

    def table(self, role: str) -> str:
        """The name of a table of the hub: `metrics`, `latest` or `spokes`."""
        return f"{self.name}-{role}"
