"""Every policy of the world, of whatever kind: read it, and put another in its place."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Protocol

from .conftest import World

Statements = list[dict[str, Any]]


class Policy(Protocol):
    """A policy that can be read and put in another's place."""

    @property
    def name(self) -> str:
        """Of what, and whose: `role guard-eu-west-1-archive`."""

    def read(self) -> Statements:
        """Its statements now."""

    def write(self, statements: Statements) -> None:
        """Have these statements instead."""


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
    """Who may assume a role. It cannot be empty, so instead of nobody it is a service that never asks."""

    iam: Any
    role: str

    @property
    def name(self) -> str:
        return f"trust {self.role}"

    def read(self) -> Statements:
        return list(self.iam.get_role(RoleName=self.role)["Role"]["AssumeRolePolicyDocument"]["Statement"])

    def write(self, statements: Statements) -> None:
        nobody = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        self.iam.update_assume_role_policy(RoleName=self.role, PolicyDocument=_document(statements or [nobody]))


@dataclass(frozen=True)
class BusPolicy:
    """Who may put events on a bus."""

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
    """Who may send to a queue."""

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
    """Who may use a key."""

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
    """Who may invoke a function."""

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


def of_account(world: World, account: str) -> list[Policy]:
    """Every policy of roles, buses, queues and functions in an account."""
    iam, events = world.client("iam", account), world.client("events", account)
    sqs, functions = world.client("sqs", account), world.client("lambda", account)
    found: list[Policy] = []
    for role in [role["RoleName"] for role in iam.list_roles()["Roles"]]:
        found.append(Trust(iam, role))
        found += [RolePolicy(iam, role, name) for name in iam.list_role_policies(RoleName=role)["PolicyNames"]]
    found += [BusPolicy(events, bus["Name"]) for bus in events.list_event_buses()["EventBuses"]]
    found += [QueuePolicy(sqs, url) for url in sqs.list_queues()["QueueUrls"]]
    found += [FunctionPolicy(functions, one["FunctionName"]) for one in functions.list_functions()["Functions"]]
    return [policy for policy in found if policy.read()]
