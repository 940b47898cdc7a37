"""The credentials of a role: they can do what the role's function does, and nothing that other roles can do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.journey.hub import Hub
from tests.journey.spoke import Spoke, result

from ds_dashboard import ulid
from ds_dashboard_local import RunningCloud

from .accounts import HUB, NAME, REGION, SPOKE
from .conftest import World
from .policies import RolePolicy, Trust, of_account, replaced

Grant = tuple[str, str]
DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}


class Caller:
    """Clients with the credentials of a role."""

    def __init__(self, cloud: RunningCloud, credentials: dict[str, str]) -> None:
        self._cloud, self._credentials = cloud, credentials
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """Return a client with these credentials."""
        if service not in self._clients:
            access, secret, token = (
                self._credentials[key] for key in ("AccessKeyId", "SecretAccessKey", "SessionToken")
            )
            self._clients[service] = self._cloud.client_with(service, access, secret, token, REGION)
        return self._clients[service]

    def may(self, action: str, resource: str) -> bool:
        """Whether the role may call `action` on `resource`; errors other than denials follow the permission check."""
        try:
            CALLS[action](self, resource)
        except ClientError as error:
            return error.response["Error"]["Code"] not in DENIED
        return True


def _last(arn: str) -> str:
    return arn.replace("/*", "/any").rsplit("/", 1)[-1]


def _queue_url(arn: str) -> str:
    _, _, _, region, account, name = arn.split(":")
    return f"https://sqs.{region}.amazonaws.com/{account}/{name}"


def _partiql(caller: Caller, text: str, *values: dict[str, str]) -> None:
    (answer,) = caller.client("dynamodb").batch_execute_statement(
        Statements=[{"Statement": text, "Parameters": list(values)}]
    )["Responses"]
    if "Error" in answer:
        raise ClientError({"Error": {"Code": answer["Error"]["Code"]}}, "BatchExecuteStatement")


def _insert(caller: Caller, table: str) -> None:
    # Without the table's keys, so that nothing is written.
    _partiql(caller, f"""INSERT INTO "{_last(table)}" VALUE {{'Forged': ?}}""", {"S": "x"})


def _update(caller: Caller, table: str) -> None:
    text = f'UPDATE "{_last(table)}" SET "Forged" = ? WHERE "Project" = ? AND "MetricName" = ?'
    _partiql(caller, text, {"S": "x"}, {"S": "Forged#dev"}, {"S": "Forged"})


def _query(caller: Caller, table: str) -> None:
    key = "MetricName" if table.endswith("-metrics") else "Project"
    caller.client("dynamodb").query(
        TableName=_last(table), KeyConditionExpression=f"{key} = :x", ExpressionAttributeValues={":x": {"S": "x"}}
    )


def _update_item(caller: Caller, table: str) -> None:
    # With a condition that is false, so that nothing is changed.
    caller.client("dynamodb").update_item(
        TableName=_last(table), Key={"Project": {"S": "x"}}, ConditionExpression="attribute_exists(Nothing)"
    )


def _put_events(caller: Caller, bus: str) -> None:
    entry = {
        "Source": "attack",
        "DetailType": "attack",
        "Detail": "{}",
        "EventBusName": bus,
    }
    (answer,) = caller.client("events").put_events(Entries=[entry])["Entries"]
    if "ErrorCode" in answer:
        raise ClientError({"Error": {"Code": answer["ErrorCode"]}}, "PutEvents")


def _write_log(operation: str, **more: Any) -> Callable[[Caller, str], None]:
    def call(caller: Caller, resource: str) -> None:
        group = resource.split(":log-group:")[1].removesuffix(":*")
        getattr(caller.client("logs"), operation)(logGroupName=group, logStreamName="attack", **more)

    return call


def _parameter(arn: str) -> str:
    return arn.split(":parameter")[1].replace("*", "any")


# A call for each action that a role of the modules has. Where possible, it changes nothing: AWS checks the permission
# before the arguments.
CALLS: dict[str, Callable[[Caller, str], object]] = {
    "dynamodb:PartiQLInsert": _insert,
    "dynamodb:PartiQLUpdate": _update,
    "dynamodb:Query": _query,
    "dynamodb:Scan": lambda caller, table: caller.client("dynamodb").scan(TableName=_last(table), Limit=1),
    "dynamodb:UpdateItem": _update_item,
    "events:PutEvents": _put_events,
    "kms:Decrypt": lambda caller, key: caller.client("kms").decrypt(CiphertextBlob=b"x", KeyId=key),
    "kms:GenerateDataKey": lambda caller, key: caller.client("kms").generate_data_key(KeyId=key, KeySpec="AES_256"),
    "lambda:InvokeFunction": lambda caller, function: caller.client("lambda").invoke(
        FunctionName=function, Payload=json.dumps({"Projects": ["Nobody"], "Records": [], "detail": {"Projects": []}})
    ),
    "logs:CreateLogStream": _write_log("create_log_stream"),
    "logs:PutLogEvents": _write_log("put_log_events", logEvents=[{"timestamp": 1, "message": "forged"}]),
    "sagemaker:ListEndpoints": lambda caller, _: caller.client("sagemaker").list_endpoints(),
    "sqs:DeleteMessage": lambda caller, queue: caller.client("sqs").delete_message(
        QueueUrl=_queue_url(queue), ReceiptHandle="none"
    ),
    "sqs:GetQueueAttributes": lambda caller, queue: caller.client("sqs").get_queue_attributes(
        QueueUrl=_queue_url(queue)
    ),
    "sqs:ReceiveMessage": lambda caller, queue: caller.client("sqs").receive_message(
        QueueUrl=_queue_url(queue), VisibilityTimeout=0
    ),
    "sqs:SendMessage": lambda caller, queue: caller.client("sqs").send_message(
        QueueUrl=_queue_url(queue), MessageBody="forged", DelaySeconds=10_000
    ),
    "ssm:GetParameter": lambda caller, name: caller.client("ssm").get_parameter(Name=_parameter(name)),
    "ssm:GetParameters": lambda caller, name: caller.client("ssm").get_parameters(Names=[_parameter(name)]),
    "ssm:GetParametersByPath": lambda caller, name: caller.client("ssm").get_parameters_by_path(Path=_parameter(name)),
}


def _grants(world: World) -> dict[tuple[str, str], set[Grant]]:
    """Return the pairs of action and resource that each role is allowed, by account and role name."""
    found: dict[tuple[str, str], set[Grant]] = {}
    for account in (HUB, SPOKE):
        for policy in of_account(world, account):
            if isinstance(policy, RolePolicy):
                pairs = {
                    (action, _exact(resource))
                    for statement in policy.read()
                    for action in statement["Action"]
                    for resource in statement["Resource"]
                }
                found.setdefault((account, policy.role), set()).update(pairs)
    return found


def _exact(resource: str) -> str:
    """Insert the account into the bus of a forwarding role, whose policy allows this bus in every account."""
    account = HUB if resource.endswith("-hub") else SPOKE
    return resource.replace(":*:event-bus", f":{account}:event-bus")


@contextmanager
def _credentials_of(world: World, account: str, role: str) -> Iterator[Caller]:
    """Yield the credentials of a role, which the root user of its account may assume meanwhile."""
    trust = Trust(world.client("iam", account), role)
    root = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}}
    with replaced(trust, [*trust.read(), root]):
        credentials = world.client("sts", account).assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName="stolen"
        )["Credentials"]
        yield Caller(world.cloud, credentials)


def test_a_role_can_do_its_own_work_and_nothing_of_another_role(world: World) -> None:
    """Tries every action on every resource of every other role, in both accounts."""
    grants = _grants(world)
    every = set().union(*grants.values())
    assert {action for action, _ in every} == CALLS.keys()
    denied, exceeded = [], []
    for (account, role), own in grants.items():
        with _credentials_of(world, account, role) as caller:
            for action, resource in sorted(every):
                may = caller.may(action, resource)
                # The local cloud checks a direct call on the log group only; test_least_privilege covers the grant.
                if (action, resource) in own and not may and not action.startswith("logs:"):
                    denied.append((role, action, resource))
                if (action, resource) not in own and may:
                    exceeded.append((role, action, resource))
    assert denied == []
    assert exceeded == []


@pytest.fixture
def rule(world: World) -> Iterator[str]:
    """Another rule of the hub's account that sends to the archive's queue."""
    events, queue = world.client("events", HUB), f"arn:aws:sqs:{REGION}:{HUB}:{NAME}-events"
    events.put_rule(Name="another", EventPattern=json.dumps({"source": ["metric_extractor"]}))
    events.put_targets(Rule="another", Targets=[{"Id": "queue", "Arn": queue}])
    # Messages that the archive could not process while test_least_privilege ran would become visible again.
    world.client("sqs", HUB).purge_queue(QueueUrl=world.outputs["hub"]["queue_url"])
    yield "another"
    events.remove_targets(Rule="another", Ids=["queue"])
    events.delete_rule(Name="another")


def test_only_the_archives_rule_can_send_to_its_queue(world: World, hub: Hub, spoke: Spoke, rule: str) -> None:
    """The queue's policy names the rule and not the service, because an account has rules of many teams."""
    forged, honest = ulid.new(), ulid.new()
    detail = json.dumps(result("Spoke", "dev", forged, 1))
    entry = {"Source": "metric_extractor", "DetailType": "metric_extractor", "Detail": detail}
    assert world.client("events", HUB).put_events(Entries=[entry])["FailedEntryCount"] == 0
    hub.archived(spoke.put(result("Spoke", "dev", honest, 1)))
    hub.settle()
    assert hub.rejected(lambda message: forged in message["Body"]) == []
    assert hub.history(MetricName=forged) == []
