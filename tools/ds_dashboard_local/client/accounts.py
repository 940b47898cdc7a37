"""Accounts of the local cloud and shortcuts that create resources in them, for tests and trials."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable
from typing import Any

from ds_dashboard_local import RunningCloud
from ds_dashboard_local.settings import DEFAULT_REGION


def allow(actions: str | list[str], resources: str | list[str] = "*", **fields: Any) -> dict[str, Any]:
    """Return a statement of an identity policy or, with `Principal`, of a resource policy."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **fields}


def document(*statements: dict[str, Any]) -> str:
    """Return a policy document of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class Account:
    """An account of the local cloud in one region.

    Every attribute that is not a method is a boto3 client of the account's root: `account.sqs`, `account.lambda_`.
    """

    def __init__(self, cloud: RunningCloud, identifier: str, region: str = DEFAULT_REGION) -> None:
        self.cloud, self.id, self.region = cloud, identifier, region

    def __getattr__(self, service: str) -> Any:
        """Return the root's client of a service."""
        if service.startswith("_"):
            raise AttributeError(service)
        return self.cloud.client(service.rstrip("_").replace("_", "-"), self.id, self.region)

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource of this account and region."""
        return f"arn:aws:{service}:{self.region}:{self.id}:{resource}"

    def as_role(self, service: str, role: str) -> Any:
        """Return a client that has assumed a role that `role(..., service=None)` created."""
        return self.cloud.client_as_role(service, f"arn:aws:iam::{self.id}:role/{role}", self.region)

    def role(self, name: str, *statements: dict[str, Any], service: str | None = None, condition: Any = None) -> str:
        """Create a role that `service`, or the account's root without one, may assume; returns its ARN."""
        principal = {"Service": service} if service else {"AWS": f"arn:aws:iam::{self.id}:root"}
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
        if condition:
            trust["Condition"] = condition
        arn: str = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
        if statements:
            self.permit(name, *statements)
        return arn

    def permit(self, role: str, *statements: dict[str, Any]) -> None:
        """Replace the role's policy by these statements."""
        self.iam.put_role_policy(RoleName=role, PolicyName="only", PolicyDocument=document(*statements))

    def queue(self, name: str, from_rules: bool = True, **attributes: str) -> str:
        """Create a queue, which the account's rules may send to with `from_rules`; returns its ARN."""
        arn = self.arn("sqs", name)
        if from_rules:
            principal = {"Service": "events.amazonaws.com"}
            condition = {"ArnLike": {"aws:SourceArn": self.arn("events", "rule/*")}}
            attributes["Policy"] = document(allow("sqs:SendMessage", arn, Principal=principal, Condition=condition))
        self.sqs.create_queue(QueueName=name, Attributes=attributes)
        return arn

    def table(self, name: str, **settings: Any) -> str:
        """Create a table with the string `k` as its key; returns its ARN."""
        self.dynamodb.create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            **settings,
        )
        return self.arn("dynamodb", f"table/{name}")

    def bus(self, name: str, *statements: dict[str, Any]) -> str:
        """Create an event bus with a policy of these statements; returns its ARN."""
        arn: str = self.events.create_event_bus(Name=name)["EventBusArn"]
        if statements:
            self.bus_policy(name, *statements)
        return arn

    def bus_policy(self, name: str, *statements: dict[str, Any]) -> None:
        """Replace the policy of an event bus."""
        self.events.put_permission(EventBusName=name, Policy=document(*statements))

    def rule(self, bus: str, name: str, target: str | dict[str, Any], **pattern: Any) -> str:
        """Create a rule with one target, by default for the source `test`; returns the rule's ARN."""
        arn: str = self.events.put_rule(
            Name=name, EventBusName=bus, EventPattern=json.dumps(pattern or {"source": ["test"]})
        )["RuleArn"]
        fields = {"Arn": target} if isinstance(target, str) else target
        self.events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "target", **fields}])
        return arn

    def emit(self, bus: str, detail: Any = None, **entry: Any) -> dict[str, Any]:
        """Put one event on a bus; returns its result entry."""
        text = detail if isinstance(detail, str) else json.dumps(detail or {})
        filled = {"Source": "test", "DetailType": "test", "Detail": text, "EventBusName": bus, **entry}
        result: dict[str, Any] = self.events.put_events(Entries=[filled])["Entries"][0]
        return result

    def messages(self, queue: str, wait: int = 0) -> list[dict[str, Any]]:
        """Receive and delete all messages of a queue, waiting up to `wait` seconds for the first one."""
        url = self.sqs.get_queue_url(QueueName=queue.split(":")[-1])["QueueUrl"]
        received: list[dict[str, Any]] = []
        while found := self.sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=0 if received else wait,
            MessageAttributeNames=["All"],
        ).get("Messages"):
            for message in found:
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            received += found
        return received

    def function(self, name: str, source: str, *statements: dict[str, Any], **settings: Any) -> str:
        """Create a function from the source of its module, with a role of these statements.

        Returns its ARN once the function is active.
        """
        role = self.role(f"{name}-role", *statements, service="lambda.amazonaws.com")
        self.lambda_.create_function(
            FunctionName=name,
            Role=role,
            Code={"ZipFile": package(source)},
            Handler="module.handler",
            Runtime="python3.13",
            Architectures=["arm64"],
            **{"Timeout": 10, **settings},
        )
        eventually(lambda: self.lambda_.get_function_configuration(FunctionName=name)["State"] == "Active")
        return self.arn("lambda", f"function:{name}")

    def invoke(self, name: str, event: Any = None) -> Any:
        """Invoke a function and return its payload, also that of an error."""
        return json.load(self.lambda_.invoke(FunctionName=name, Payload=json.dumps(event))["Payload"])

    def log_lines(self, group: str) -> list[str]:
        """Return every line in a log group; none if the group does not exist."""
        try:
            pages = self.logs.get_paginator("filter_log_events").paginate(logGroupName=group)
            return [event["message"] for page in pages for event in page["events"]]
        except self.logs.exceptions.ResourceNotFoundException:
            return []


def package(source: str) -> bytes:
    """Return a zip archive with one module, `module.py`."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("module.py", source)
    return content.getvalue()


def eventually(answer: Callable[[], Any], seconds: float = 15) -> Any:
    """Call `answer` until it returns something true, and return that.

    Raises:
        AssertionError: It returned nothing true within `seconds`.
    """
    limit = time.monotonic() + seconds
    while not (found := answer()):
        if time.monotonic() > limit:
            raise AssertionError(f"not within {seconds} s")
        time.sleep(0.05)
    return found
