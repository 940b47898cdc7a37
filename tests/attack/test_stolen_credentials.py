"""The credentials of a role: they can do what the role's function does, and nothing that other roles can do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard import ulid
from ds_dashboard_dev.testing.events import SOURCE, result
from ds_dashboard_dev.testing.installation import Hub, Installation, Spoke

from .policies import RolePolicy, Trust, of_account, replaced

Grant = tuple[str, str]
DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}


class Caller:
    """Clients with the credentials of a role of an installation."""

    def __init__(self, installation: Installation, credentials: dict[str, str]) -> None:
        self._installation, self._credentials = installation, credentials
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """Return a client with these credentials."""
        if service not in self._clients:
            access, secret, token = (
                self._credentials[key] for key in ("AccessKeyId", "SecretAccessKey", "SessionToken")
            )
            cloud, region = self._installation.cloud, self._installation.region
            self._clients[service] = cloud.client_with(service, access, secret, token, region)
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


def _query(caller: Caller, arn: str) -> None:
    table, _, index = arn.partition("/index/")
    key = "Series" if index else "MetricName" if table.endswith("-metrics") else "Project"
    caller.client("dynamodb").query(
        TableName=_last(table),
        **({"IndexName": index} if index else {}),
        KeyConditionExpression=f"{key} = :x",
        ExpressionAttributeValues={":x": {"S": "x"}},
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
    "dynamodb:GetItem": lambda caller, table: caller.client("dynamodb").get_item(
        TableName=_last(table), Key={"Project": {"S": "x"}}
    ),
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
    # S3 refuses a digest that is not that of the body after it has checked the permission.
    "s3:PutObject": lambda caller, objects: caller.client("s3").put_object(
        Bucket=objects.split(":::")[1].partition("/")[0], Key="forged", Body=b"x", ContentMD5="A" * 22 + "=="
    ),
    "sagemaker:ListEndpoints": lambda caller, _: caller.client("sagemaker").list_endpoints(),
    # SNS refuses a text that is not JSON after it has checked the permission.
    "sns:Publish": lambda caller, topic: caller.client("sns").publish(
        TopicArn=topic, Message="forged", MessageStructure="json"
    ),
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


def _grants(hub: Hub, spoke: Spoke) -> dict[tuple[Installation, str], set[Grant]]:
    """Return the pairs of action and resource that each role is allowed, by installation and role name."""
    found: dict[tuple[Installation, str], set[Grant]] = {}
    for installation in (hub, spoke):
        for policy in of_account(installation):
            if isinstance(policy, RolePolicy):
                pairs = {
                    (action, resource.replace(":*:event-bus", f":{peer.account}:event-bus"))
                    for statement in policy.read()
                    for action in statement["Action"]
                    for resource in statement["Resource"]
                    # The policy of a forwarding role allows the peers' bus in every account.
                    for peer in [hub if resource.endswith("-hub") else spoke]
                }
                found.setdefault((installation, policy.role), set()).update(pairs)
    return found


@contextmanager
def _credentials_of(installation: Installation, role: str) -> Iterator[Caller]:
    """Yield the credentials of a role, which the root user of its account may assume meanwhile."""
    trust, account = Trust(installation.client("iam"), role), installation.account
    root = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}}
    with replaced(trust, [*trust.read(), root]):
        credentials = installation.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName="stolen"
        )["Credentials"]
        yield Caller(installation, credentials)


def test_a_role_can_do_its_own_work_and_nothing_of_another_role(hub: Hub, spoke: Spoke) -> None:
    """Tries every action on every resource of every other role, in both accounts."""
    grants = _grants(hub, spoke)
    every = set().union(*grants.values())
    assert {action for action, _ in every} == CALLS.keys()
    denied, exceeded = [], []
    for (installation, role), own in grants.items():
        with _credentials_of(installation, role) as caller:
            for action, resource in sorted(every):
                may = caller.may(action, resource)
                # No role calls KMS itself, but only services for it.
                granted = (action, resource) in own and not action.startswith("kms:")
                # The local cloud checks a direct call on the log group only; test_least_privilege covers the grant.
                if granted and not may and not action.startswith("logs:"):
                    denied.append((role, action, resource))
                if not granted and may:
                    exceeded.append((role, action, resource))
    assert denied == []
    assert exceeded == []


@pytest.fixture
def rule(hub: Hub) -> Iterator[str]:
    """Another rule of the hub's account that sends to the archive's queue."""
    events, queue = hub.client("events"), f"arn:aws:sqs:{hub.region}:{hub.account}:{hub.name}-events"
    events.put_rule(Name="another", EventPattern=json.dumps({"source": [SOURCE]}))
    events.put_targets(Rule="another", Targets=[{"Id": "queue", "Arn": queue}])
    # Messages that the archive could not process while test_least_privilege ran would become visible again.
    hub.client("sqs").purge_queue(QueueUrl=hub.queue_url("events"))
    yield "another"
    events.remove_targets(Rule="another", Ids=["queue"])
    events.delete_rule(Name="another")


def test_only_the_archives_rule_can_send_to_its_queue(hub: Hub, spoke: Spoke, rule: str) -> None:
    """The queue's policy names the rule and not the service, because an account has rules of many teams."""
    forged, honest = ulid.new(), ulid.new()
    hub.put(result("Spoke/dev", forged, 1), bus_arn="default")
    hub.archived(spoke.put(result("Spoke/dev", honest, 1)))
    hub.settle()
    assert hub.rejected(lambda message: forged in message.body) == []
    assert hub.history(MetricName=forged) == []
