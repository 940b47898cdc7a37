"""A call of an API as faults look at it: what it is, what it names, who makes it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ds_dashboard_local.engine.middleware import Request
from ds_dashboard_local.gaps import authorization

# boto3's names where the engine has others, and the other way round.
_SERVICES = {"monitoring": "cloudwatch", "cloudwatch": "monitoring", "states": "stepfunctions"}
_OPERATIONS = {"lambda:InvokeFunction": "lambda:Invoke"}
# As the worker's prologue sets it for every client in it.
_PROCESS = re.compile(r"\bapp/local-worker-(\d+)\b")


class ApiCall:
    """An HTTP request, read only as far as faults ask."""

    def __init__(self, engine: Any, request: Request) -> None:
        self._engine, self._request = engine, request

    @cached_property
    def _parameters(self) -> dict[str, Any]:
        request = self._request
        found: dict[str, Any] = self._engine._routing_params(
            request.method, request.path, request.headers, request.body, request.query
        )
        return found

    @cached_property
    def service(self) -> str:
        """The engine's name of the service."""
        request = self._request
        return str(self._engine.detect_service(request.method, request.path, request.headers, self._parameters))

    @cached_property
    def action(self) -> str:
        """`namespace:Operation`, as IAM would have it but for batches; empty where it is no call of a service."""
        from ministack.core.iam_actions import extract_iam_action

        request = self._request
        found = extract_iam_action(
            self.service, request.method, request.path, request.headers, request.body, self._parameters
        )
        return found or ""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The call in each spelling: IAM's, the engine's, boto3's."""
        namespace, _, operation = self.action.partition(":")
        if not operation:
            return ()
        services = {namespace, self.service, _SERVICES.get(namespace, namespace)}
        spelled = {f"{service}:{operation}" for service in services}
        return tuple(spelled | {_OPERATIONS[name] for name in spelled if name in _OPERATIONS})

    @cached_property
    def account(self) -> str:
        """The caller's account."""
        from ministack.core.responses import get_account_id

        return str(get_account_id())

    @cached_property
    def region(self) -> str:
        """The region it was signed for."""
        from ministack.core.router import extract_region

        return str(extract_region(self._request.headers, self._request.query))

    def resources(self) -> list[str]:
        """The ARNs that it names."""
        from ministack.core.iam_actions import extract_resource_arn

        request = self._request
        one = extract_resource_arn(
            self.service,
            request.method,
            request.path,
            request.headers,
            request.body,
            self._parameters,
            self.region,
            self.account,
        )
        return authorization.resources(request, self.action, self.service, self.account, self.region) or [one]

    def caller(self) -> str:
        """The ARN of who signed it."""
        from ministack.core.iam_evaluator import request_caller_arn

        return str(request_caller_arn(self._request.headers, self._request.query))

    def process(self) -> int | None:
        """The process of a Lambda function that makes it; `None` for everybody else."""
        found = _PROCESS.search(self._request.headers.get("user-agent", ""))
        return int(found.group(1)) if found else None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a service delivers by itself, as faults look at it."""

    names: tuple[str, ...]
    account: str
    region: str
    arns: list[str] = field(default_factory=list)

    def resources(self) -> list[str]:
        """The ARNs of what takes part in it."""
        return self.arns

    def caller(self) -> str:
        """Nobody calls."""
        return ""

    def process(self) -> int | None:
        """Nobody calls."""
        return None
