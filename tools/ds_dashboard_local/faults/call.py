"""Calls and deliveries as faults match them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ministack import app
from ministack.core.iam_actions import extract_iam_action, extract_resource_arn
from ministack.core.iam_evaluator import request_caller_arn
from ministack.core.responses import get_account_id
from ministack.core.router import extract_region

from ds_dashboard_local.engine.authorization import named_resources
from ds_dashboard_local.engine.middleware import Request

# boto3's names and the engine's, where they differ.
_SERVICES = {"monitoring": "cloudwatch", "cloudwatch": "monitoring", "states": "stepfunctions"}
_OPERATIONS = {"lambda:InvokeFunction": "lambda:Invoke"}
# The worker's prologue sets it for every client in a function.
_PROCESS = re.compile(r"\bapp/local-worker-(\d+)\b")


class ApiCall:
    """An HTTP request, parsed only as far as faults need it."""

    def __init__(self, request: Request) -> None:
        self._request = request

    @cached_property
    def _parameters(self) -> dict[str, Any]:
        request = self._request
        found: dict[str, Any] = app._routing_params(
            request.method, request.path, request.headers, request.body, request.query
        )
        return found

    @cached_property
    def service(self) -> str:
        """The engine's name of the service."""
        request = self._request
        return str(app.detect_service(request.method, request.path, request.headers, self._parameters))

    @cached_property
    def action(self) -> str:
        """`namespace:Operation` as in IAM, but for batches; empty if the request is not a call of a service."""
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
        return str(get_account_id())

    @cached_property
    def region(self) -> str:
        """The region that the request is signed for."""
        return str(extract_region(self._request.headers, self._request.query))

    def resources(self) -> list[str]:
        """Return the ARNs that the call names."""
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
        return named_resources(request, self.action, self.service, self.account, self.region) or [one]

    def caller(self) -> str:
        """Return the ARN of the caller that signed the request."""
        return str(request_caller_arn(self._request.headers, self._request.query))

    def process(self) -> int | None:
        """Return the id of the Lambda function's process that calls; `None` for every other client."""
        found = _PROCESS.search(self._request.headers.get("user-agent", ""))
        return int(found.group(1)) if found else None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery by a service, which no client calls."""

    names: tuple[str, ...]
    account: str
    region: str
    arns: list[str] = field(default_factory=list)

    def resources(self) -> list[str]:
        """Return the ARNs of the queue, or of the rule, its target and its bus."""
        return self.arns

    def caller(self) -> str:
        """Return no caller."""
        return ""

    def process(self) -> int | None:
        """Return no process."""
        return None
