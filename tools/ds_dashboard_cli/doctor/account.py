"""What is deployed in an account, read once; None for what is not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from ds_dashboard.client.errors import error_code
from ds_dashboard_cli.aws import missing
from ds_dashboard_cli.doctor import policies

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation

_MISSING = {*missing.CODES, "ParameterNotFound", "NotFoundException"}


class Account:
    """An account and region as its APIs describe it."""

    def __init__(self, hub: Installation) -> None:
        self._hub = hub
        self.id, self.region, self.partition = hub.account, hub.region, hub.partition
        self.bus = cache(self._bus)
        self.role = cache(self._role)
        self.queue = cache(self._queue)
        self.key = cache(self._key)
        self.function = cache(self._function)

    def arn(self, service: str, resource: str) -> str:
        """The ARN of something in this account and region."""
        region = "" if service == "iam" else self.region
        return f"arn:{self.partition}:{service}:{region}:{self.id}:{resource}"

    def _ask(self, service: str, operation: str, **arguments: Any) -> Any:
        from botocore.exceptions import ClientError

        call: Callable[..., Any] = getattr(self._hub.client(service), operation)
        try:
            return call(**arguments)
        except ClientError as error:
            if error_code(error) in _MISSING:
                return None
            raise

    def table(self, name: str) -> Mapping[str, Any] | None:
        """A table's description."""
        found = self._ask("dynamodb", "describe_table", TableName=name)
        return found and dict(found["Table"])

    def _bus(self, name: str) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = self._ask("events", "describe_event_bus", Name=name)
        return found

    def rules(self, bus: str) -> dict[str, Mapping[str, Any]]:
        """The rules of a bus by name."""
        pages = self._hub.client("events").get_paginator("list_rules").paginate(EventBusName=bus)
        return {rule["Name"]: rule for page in pages for rule in page["Rules"]}

    def targets(self, bus: str, rule: str) -> list[Mapping[str, Any]]:
        """The targets of a rule."""
        pages = self._hub.client("events").get_paginator("list_targets_by_rule").paginate(EventBusName=bus, Rule=rule)
        return [target for page in pages for target in page["Targets"]]

    def matches(self, pattern: str, event: Mapping[str, Any]) -> bool:
        """Whether a rule's pattern takes an event, asked of EventBridge itself."""
        import json

        answer = self._hub.client("events").test_event_pattern(EventPattern=pattern, Event=json.dumps(event))
        return bool(answer["Result"])

    def _queue(self, name: str) -> Mapping[str, str] | None:
        found = self._ask("sqs", "get_queue_url", QueueName=name)
        if found is None:
            return None
        answer = self._ask("sqs", "get_queue_attributes", QueueUrl=found["QueueUrl"], AttributeNames=["All"])
        return answer and dict(answer["Attributes"])

    def _function(self, name: str) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = self._ask("lambda", "get_function_configuration", FunctionName=name)
        return found

    def function_policy(self, name: str) -> policies.Document:
        """Who may invoke a function."""
        found = self._ask("lambda", "get_policy", FunctionName=name)
        return policies.parsed(found["Policy"] if found else None)

    def concurrency(self, name: str) -> int | None:
        """What is reserved for a function; None where nothing is."""
        found = self._ask("lambda", "get_function_concurrency", FunctionName=name)
        return None if found is None else found.get("ReservedConcurrentExecutions")

    def failure_destination(self, name: str) -> str | None:
        """Where Lambda sends the record of an asynchronous invocation that failed."""
        found = self._ask("lambda", "get_function_event_invoke_config", FunctionName=name)
        destination: str | None = ((found or {}).get("DestinationConfig", {}).get("OnFailure") or {}).get("Destination")
        return destination

    def mappings(self, function: str, source_arn: str) -> Sequence[Mapping[str, Any]]:
        """By what a function takes from a queue."""
        answer = self._ask("lambda", "list_event_source_mappings", FunctionName=function, EventSourceArn=source_arn)
        return list(answer["EventSourceMappings"]) if answer else []

    def log_group(self, name: str) -> Mapping[str, Any] | None:
        """A log group's description."""
        answer = self._ask("logs", "describe_log_groups", logGroupNamePrefix=name)
        return next((group for group in answer["logGroups"] if group["logGroupName"] == name), None)

    def schedule(self, group: str, name: str) -> Mapping[str, Any] | None:
        """A schedule of EventBridge Scheduler."""
        found: Mapping[str, Any] | None = self._ask("scheduler", "get_schedule", GroupName=group, Name=name)
        return found

    def _key(self, arn: str) -> tuple[Mapping[str, Any], policies.Document] | None:
        """A KMS key's description, and its policy."""
        found = self._ask("kms", "describe_key", KeyId=arn)
        if found is None:
            return None
        policy = self._ask("kms", "get_key_policy", KeyId=arn, PolicyName="default")
        return found["KeyMetadata"], policies.parsed(policy and policy["Policy"])

    def _role(self, arn: str) -> Role | None:
        name = arn.rsplit("/", 1)[-1]
        found = self._ask("iam", "get_role", RoleName=name)
        if found is None:
            return None
        iam = self._hub.client("iam")
        documents = [
            policies.parsed(iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"])
            for page in iam.get_paginator("list_role_policies").paginate(RoleName=name)
            for policy in page["PolicyNames"]
        ]
        documents += [
            self._managed(attached["PolicyArn"])
            for page in iam.get_paginator("list_attached_role_policies").paginate(RoleName=name)
            for attached in page["AttachedPolicies"]
        ]
        boundary = found["Role"].get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        trust = policies.parsed(found["Role"]["AssumeRolePolicyDocument"])
        return Role(name, trust, documents, boundary, None if boundary is None else self._managed(boundary))

    def _managed(self, arn: str) -> policies.Document:
        iam = self._hub.client("iam")
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        return policies.parsed(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])


class Role:
    """A role: who may take it on, and what it may do then."""

    def __init__(
        self,
        name: str,
        trust: policies.Document,
        documents: Sequence[policies.Document],
        boundary_arn: str | None,
        boundary: policies.Document | None,
    ) -> None:
        self.name, self._trust, self._documents = name, trust, documents
        self.boundary_arn, self._boundary = boundary_arn, boundary

    def trusts(self, service: str, request_context: Mapping[str, str]) -> bool:
        """Whether a service may take it on."""
        return policies.allows(
            [self._trust], "sts:AssumeRole", principal=("Service", service), request_context=request_context
        )

    def may(self, action: str, resource: str) -> bool:
        """Whether its policies permit an action on a resource, and its boundary does not stop it."""
        return policies.allows(self._documents, action, resource) and not self.stopped(action, resource)

    def stopped(self, action: str, resource: str) -> bool:
        """Whether the permissions boundary stops what the policies permit."""
        return self._boundary is not None and not policies.allows([self._boundary], action, resource)
