"""The resources of an account and region, read from AWS once; None stands for a resource that does not exist."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ds_dashboard.client.errors import error_code
from ds_dashboard.identity import (
    EVENTS_QUEUE,
    HUB_DEAD_LETTER_QUEUES,
    REJECTED_QUEUE,
    SPOKE_DEAD_LETTER_QUEUES,
    TABLES,
    Names,
)
from ds_dashboard_cli.aws_errors import NOT_FOUND
from ds_dashboard_cli.doctor import policies
from ds_dashboard_cli.doctor.policies import Document

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation

_MISSING = {*NOT_FOUND, "ParameterNotFound", "NotFoundException", "ResourceNotFound"}


class Account:
    """Reads resources of one account and region."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self.id, self.region, self.partition = installation.account, installation.region, installation.partition
        self.bus = cache(self._bus)
        self.role = cache(self._role)
        self.queue = cache(self._queue)
        self.key = cache(self._key)
        self.function = cache(self._function)

    def arn(self, service: str, resource: str) -> str:
        """Build the ARN of a resource in this account and region."""
        region = "" if service == "iam" else self.region
        return f"arn:{self.partition}:{service}:{region}:{self.id}:{resource}"

    def _call(self, service: str, operation: str, **arguments: Any) -> Any:
        from botocore.exceptions import ClientError

        method: Callable[..., Any] = getattr(self._installation.client(service), operation)
        try:
            return method(**arguments)
        except ClientError as error:
            if error_code(error) in _MISSING:
                return None
            raise

    def table(self, name: str) -> Mapping[str, Any] | None:
        """Describe a table."""
        found = self._call("dynamodb", "describe_table", TableName=name)
        return found and dict(found["Table"])

    def _bus(self, name: str) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = self._call("events", "describe_event_bus", Name=name)
        return found

    def buses(self) -> Iterator[Mapping[str, Any]]:
        """Read all event buses of the account and region, with their descriptions."""
        token: dict[str, str] = {}
        while True:
            answer = self._installation.client("events").list_event_buses(**token)
            yield from answer["EventBuses"]
            if "NextToken" not in answer:
                return
            token = {"NextToken": answer["NextToken"]}

    def rules(self, bus: str) -> dict[str, Mapping[str, Any]]:
        """Read the rules of a bus, by name."""
        pages = self._installation.client("events").get_paginator("list_rules").paginate(EventBusName=bus)
        return {rule["Name"]: rule for page in pages for rule in page["Rules"]}

    def targets(self, bus: str, rule: str) -> list[Mapping[str, Any]]:
        """Read the targets of a rule."""
        pages = (
            self._installation.client("events")
            .get_paginator("list_targets_by_rule")
            .paginate(EventBusName=bus, Rule=rule)
        )
        return [target for page in pages for target in page["Targets"]]

    def matches(self, pattern: str, event: Mapping[str, Any]) -> bool:
        """Let EventBridge test whether a rule's pattern matches an event."""
        import json

        answer = self._installation.client("events").test_event_pattern(EventPattern=pattern, Event=json.dumps(event))
        return bool(answer["Result"])

    def _queue(self, name: str) -> Mapping[str, str] | None:
        found = self._call("sqs", "get_queue_url", QueueName=name)
        if found is None:
            return None
        answer = self._call("sqs", "get_queue_attributes", QueueUrl=found["QueueUrl"], AttributeNames=["All"])
        return answer and {**answer["Attributes"], "QueueUrl": found["QueueUrl"]}

    def _function(self, name: str) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = self._call("lambda", "get_function_configuration", FunctionName=name)
        return found

    def function_policy(self, name: str) -> Document:
        """Read the resource policy of a function."""
        found = self._call("lambda", "get_policy", FunctionName=name)
        return policies.parse(found["Policy"] if found else None)

    def concurrency(self, name: str) -> int | None:
        """Read the reserved concurrency of a function; None if there is no reservation."""
        found = self._call("lambda", "get_function_concurrency", FunctionName=name)
        return None if found is None else found.get("ReservedConcurrentExecutions")

    def failure_destination(self, name: str) -> str | None:
        """Read the ARN that Lambda sends records of failed asynchronous invocations to."""
        found = self._call("lambda", "get_function_event_invoke_config", FunctionName=name)
        destination: str | None = ((found or {}).get("DestinationConfig", {}).get("OnFailure") or {}).get("Destination")
        return destination

    def mappings(self, function: str, source_arn: str) -> Sequence[Mapping[str, Any]]:
        """Read the event source mappings between a queue and a function."""
        answer = self._call("lambda", "list_event_source_mappings", FunctionName=function, EventSourceArn=source_arn)
        return list(answer["EventSourceMappings"]) if answer else []

    def log_group(self, name: str) -> Mapping[str, Any] | None:
        """Describe a log group."""
        answer = self._call("logs", "describe_log_groups", logGroupNamePrefix=name)
        return next((group for group in answer["logGroups"] if group["logGroupName"] == name), None)

    def has_dashboard(self, name: str) -> bool:
        """Return whether a dashboard exists."""
        return self._call("cloudwatch", "get_dashboard", DashboardName=name) is not None

    def topics(self) -> set[str]:
        """Read the ARNs of all topics of the account and region."""
        pages = self._installation.client("sns").get_paginator("list_topics").paginate()
        return {topic["TopicArn"] for page in pages for topic in page["Topics"]}

    def schedule(self, group: str, name: str) -> Mapping[str, Any] | None:
        """Describe a schedule of EventBridge Scheduler."""
        found: Mapping[str, Any] | None = self._call("scheduler", "get_schedule", GroupName=group, Name=name)
        return found

    def _key(self, arn: str) -> tuple[Mapping[str, Any], Document] | None:
        found = self._call("kms", "describe_key", KeyId=arn)
        if found is None:
            return None
        policy = self._call("kms", "get_key_policy", KeyId=arn, PolicyName="default")
        return found["KeyMetadata"], policies.parse(policy and policy["Policy"])

    def _role(self, arn: str) -> Role | None:
        name = arn.rsplit("/", 1)[-1]
        found = self._call("iam", "get_role", RoleName=name)
        if found is None:
            return None
        iam = self._installation.client("iam")
        inline = [
            RolePolicy(
                policy, None, policies.parse(iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"])
            )
            for page in iam.get_paginator("list_role_policies").paginate(RoleName=name)
            for policy in page["PolicyNames"]
        ]
        attached = [
            RolePolicy(one["PolicyName"], one["PolicyArn"], self._managed(one["PolicyArn"]))
            for page in iam.get_paginator("list_attached_role_policies").paginate(RoleName=name)
            for one in page["AttachedPolicies"]
        ]
        boundary = found["Role"].get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        trust = policies.parse(found["Role"]["AssumeRolePolicyDocument"])
        return Role(
            name=name,
            created_at=found["Role"]["CreateDate"],
            policies=(*inline, *attached),
            trust=trust,
            boundary_arn=boundary,
            boundary=None if boundary is None else self._managed(boundary),
        )

    def _managed(self, arn: str) -> Document:
        iam = self._installation.client("iam")
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        return policies.parse(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])


def side_exists(account: Account, names: Names, side: str) -> bool:
    """Return whether anything of a hub or a spoke is left. A destroy that failed can leave any part of it."""
    functions, queues, tables = (
        (
            ("archive", "refresh", "watch", "report", "widget"),
            (EVENTS_QUEUE, REJECTED_QUEUE, *HUB_DEAD_LETTER_QUEUES),
            TABLES,
        )
        if side == "hub"
        else (("extract",), SPOKE_DEAD_LETTER_QUEUES, ())
    )
    return (
        account.bus(names.bus(side)) is not None
        or any(account.table(names.table(role)) is not None for role in tables)
        or any(account.function(names.function(role)) is not None for role in functions)
        or any(account.queue(names.queue(role)) is not None for role in queues)
    )


@dataclass(frozen=True, slots=True)
class RolePolicy:
    """A policy of a role.

    Attributes:
        name: its name.
        arn: the ARN of a managed policy; None for an inline policy.
        document: its statements.
    """

    name: str
    arn: str | None
    document: Document

    @property
    def description(self) -> str:
        """The policy's kind and name."""
        return f"inline policy {self.name}" if self.arn is None else f"managed policy {self.arn}"


class Need(NamedTuple):
    """What a role must allow.

    Attributes:
        action: the action, such as `sqs:SendMessage`.
        resource: the ARN of the resource.
        via: for a key, the service that calls KMS with the credentials of the role, such as `sqs`.
    """

    action: str
    resource: str
    via: str = ""

    @property
    def request_context(self) -> dict[str, str]:
        """The condition keys of the call."""
        _, _, _, region, account, *_ = self.resource.split(":")
        known = {"aws:SecureTransport": "true", "aws:RequestedRegion": region, "aws:ResourceAccount": account}
        return {**known, **({"kms:ViaService": f"{self.via}.{region}.amazonaws.com"} if self.via else {})}

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}" + (f" through {self.via}" if self.via else "")


@dataclass(frozen=True, slots=True)
class Role:
    """A role: its trust policy, its permissions and its permissions boundary.

    Attributes:
        name: its name, without the path.
        created_at: when it was created. A role that was deleted and created again has another unique ID.
        policies: its inline and managed policies.
        trust: its trust policy.
        boundary_arn: the ARN of its permissions boundary; None if it has none.
        boundary: the statements of the boundary.
    """

    name: str
    created_at: datetime
    policies: tuple[RolePolicy, ...]
    trust: Document
    boundary_arn: str | None
    boundary: Document | None

    def trusts(self, service: str, request_context: Mapping[str, str]) -> bool:
        """Return whether a service can assume the role; `request_context` are the condition keys it sends."""
        return policies.allows(
            [self.trust], "sts:AssumeRole", principal=("Service", service), request_context=request_context
        )

    def allows(self, need: Need) -> bool:
        """Return whether the role's policies and its boundary allow an action on a resource."""
        documents = [policy.document for policy in self.policies]
        return policies.allows(
            documents, need.action, need.resource, request_context=need.request_context
        ) and not self.boundary_blocks(need)

    def denied_by(self, need: Need) -> RolePolicy | None:
        """Return the policy that explicitly denies an action on a resource; None if no policy of the role does."""
        for policy in self.policies:
            if policies.denies(policy.document, need.action, need.resource, request_context=need.request_context):
                return policy
        return None

    def boundary_blocks(self, need: Need) -> bool:
        """Return whether the permissions boundary blocks an action on a resource."""
        return self.boundary is not None and not policies.allows(
            [self.boundary], need.action, need.resource, request_context=need.request_context
        )
