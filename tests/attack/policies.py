"""Every policy of the attacked accounts, of whatever kind: read it, replace it, and remove one part for a while."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from ds_dashboard_dev.testing.installation import Installation
from ds_dashboard_dev.testing.waiting import eventually

Statements = list[dict[str, Any]]


class Policy(Protocol):
    """A policy that can be read and replaced."""

    @property
    def name(self) -> str:
        """The kind and the name of the resource, such as `role guard-eu-west-1-archive`."""

    def read(self) -> Statements:
        """Return the current statements; empty if there is no policy."""

    def write(self, statements: Statements) -> None:
        """Replace the statements; without any, remove the policy."""


def _document(statements: Statements) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@dataclass(frozen=True)
class RolePolicy:
    """An inline policy of a role."""

    iam: Any
    role: str
    policy: str

    @property
    def name(self) -> str:
        return f"role {self.role}"

    def read(self) -> Statements:
        try:
            document = self.iam.get_role_policy(RoleName=self.role, PolicyName=self.policy)["PolicyDocument"]
        except self.iam.exceptions.NoSuchEntityException:
            return []
        return list(document["Statement"])

    def write(self, statements: Statements) -> None:
        if statements:
            self.iam.put_role_policy(RoleName=self.role, PolicyName=self.policy, PolicyDocument=_document(statements))
        else:
            self.iam.delete_role_policy(RoleName=self.role, PolicyName=self.policy)


@dataclass(frozen=True)
class Trust:
    """A role's trust policy. It cannot be empty, so `write` without statements names a service that does not use it."""

    iam: Any
    role: str

    @property
    def name(self) -> str:
        return f"trust {self.role}"

    def read(self) -> Statements:
        return list(self.iam.get_role(RoleName=self.role)["Role"]["AssumeRolePolicyDocument"]["Statement"])

    def write(self, statements: Statements) -> None:
        unused = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        self.iam.update_assume_role_policy(RoleName=self.role, PolicyDocument=_document(statements or [unused]))


@dataclass(frozen=True)
class BusPolicy:
    """The policy of an event bus: who may put events on it."""

    events: Any
    bus: str

    @property
    def name(self) -> str:
        return f"bus {self.bus}"

    def read(self) -> Statements:
        policy = self.events.describe_event_bus(Name=self.bus).get("Policy")
        return list(json.loads(policy)["Statement"]) if policy else []

    def write(self, statements: Statements) -> None:
        if statements:
            self.events.put_permission(EventBusName=self.bus, Policy=_document(statements))
        else:
            self.events.remove_permission(EventBusName=self.bus, RemoveAllPermissions=True)


@dataclass(frozen=True)
class QueuePolicy:
    """The policy of a queue: who may send to it."""

    sqs: Any
    url: str

    @property
    def name(self) -> str:
        return f"queue {self.url.rsplit('/', 1)[-1]}"

    def read(self) -> Statements:
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["Policy"]).get("Attributes", {})
        return list(json.loads(attributes["Policy"])["Statement"]) if attributes.get("Policy") else []

    def write(self, statements: Statements) -> None:
        policy = _document(statements) if statements else ""
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": policy})


@dataclass(frozen=True)
class KeyPolicy:
    """The policy of a KMS key: who may use it."""

    kms: Any
    key: str

    @property
    def name(self) -> str:
        return f"key {self.key}"

    def read(self) -> Statements:
        return list(json.loads(self.kms.get_key_policy(KeyId=self.key, PolicyName="default")["Policy"])["Statement"])

    def write(self, statements: Statements) -> None:
        self.kms.put_key_policy(KeyId=self.key, PolicyName="default", Policy=_document(statements))


@dataclass(frozen=True)
class FunctionPolicy:
    """The policy of a function: who may invoke it."""

    functions: Any
    function: str

    @property
    def name(self) -> str:
        return f"function {self.function}"

    def read(self) -> Statements:
        try:
            policy = self.functions.get_policy(FunctionName=self.function)["Policy"]
        except self.functions.exceptions.ResourceNotFoundException:
            return []
        return list(json.loads(policy)["Statement"])

    def write(self, statements: Statements) -> None:
        for statement in self.read():
            self.functions.remove_permission(FunctionName=self.function, StatementId=statement["Sid"])
        for statement in statements:
            self.functions.add_permission(
                FunctionName=self.function,
                StatementId=statement["Sid"],
                Action=statement["Action"],
                Principal=statement["Principal"]["Service"],
                SourceArn=statement["Condition"]["ArnLike"]["AWS:SourceArn"],
            )


def of_account(installation: Installation) -> list[Policy]:
    """Return the policies of all roles, buses, queues and functions in the account of an installation."""
    iam, events, sqs, functions = (installation.client(name) for name in ("iam", "events", "sqs", "lambda"))
    found: list[Policy] = []
    for role in [role["RoleName"] for role in iam.list_roles()["Roles"]]:
        found.append(Trust(iam, role))
        found += [RolePolicy(iam, role, name) for name in iam.list_role_policies(RoleName=role)["PolicyNames"]]
    found += [BusPolicy(events, bus["Name"]) for bus in events.list_event_buses()["EventBuses"]]
    found += [QueuePolicy(sqs, url) for url in sqs.list_queues()["QueueUrls"]]
    found += [FunctionPolicy(functions, one["FunctionName"]) for one in functions.list_functions()["Functions"]]
    return [policy for policy in found if policy.read()]


@dataclass(frozen=True)
class Part:
    """A removable part of a policy.

    Attributes:
        description: the action, resource or principal, such as `sqs:SendMessage on arn:...`.
        remaining: the policy's statements without it.
    """

    description: str
    remaining: Statements


def parts(statements: Statements) -> Iterator[Part]:
    """Yield each action, resource and principal of each statement; the whole statement if it has one of each."""
    for index, statement in enumerate(statements):
        for key in ("Action", "Resource", "Principal"):
            values = _values(statement.get(key))
            for value in values if len(values) > 1 or key == "Action" else ():
                remaining = copy.deepcopy(statements)
                if len(values) > 1:
                    _replace(remaining[index], key, [other for other in values if other != value])
                else:
                    del remaining[index]
                resource = f" on {', '.join(_values(statement.get('Resource')))}" if key == "Action" else ""
                yield Part(f"{value}{resource}", remaining)


def _values(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [one for named in value.values() for one in _values(named)]
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def _replace(statement: dict[str, Any], key: str, values: list[str]) -> None:
    statement[key] = {next(iter(statement[key])): values} if isinstance(statement[key], dict) else values


@contextmanager
def replaced(policy: Policy, statements: Statements) -> Iterator[None]:
    """Replace a policy's statements, and restore them afterwards."""
    before = policy.read()
    policy.write(statements)
    try:
        yield
    finally:
        policy.write(before)
        eventually(lambda: policy.read() == before, f"the original statements of {policy.name}")


@contextmanager
def without(policy: Policy, word: str) -> Iterator[None]:
    """Remove the statements that contain `word`, and restore them afterwards."""
    with replaced(policy, [one for one in policy.read() if word not in json.dumps(one)]):
        yield
