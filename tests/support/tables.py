"""The tables of a hub on the local cloud, made in milliseconds without Terraform and filled by the archive's code."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from boto3.dynamodb.types import TypeSerializer
from click.testing import Result

from ds_dashboard import aws, dates
from ds_dashboard.deadline import Deadline
from ds_dashboard.hub.archive import Message, archive
from ds_dashboard.hub.registration import Registration
from ds_dashboard.hub.settings import ArchiveSettings
from ds_dashboard.thresholds import Threshold
from ds_dashboard_local import LocalCloud
from ds_dashboard_local.client.accounts import Account

from .commands import run
from .events import event

HUB, SPOKE, OTHER = "111111111111", "222222222222", "333333333333"
REGION = "eu-west-1"
_numbers = itertools.count()
_serialize = TypeSerializer().serialize


class HubTables:
    """The tables and the registry of a hub with a unique name. The archive's code writes events to them."""

    def __init__(self, cloud: LocalCloud, name: str | None = None, account: str = HUB) -> None:
        self.name = name or f"cli{next(_numbers)}"
        self.cloud, self.account = cloud, Account(cloud, account)
        self.path = f"/{self.name}/projects"
        self.thresholds: Mapping[str, Threshold] = {}
        self._table("metrics", "MetricName", "ExtractionDate", index=("Series", "ExtractionDate"))
        self._table("latest", "Project", "MetricName")
        self._table("spokes", "Project")
        self.env: dict[str, str | None] = {
            **dict.fromkeys(("AWS_PROFILE", "AWS_SESSION_TOKEN", "NO_COLOR", "COLUMNS")),
            **cloud.environment(account),
            "DS_DASHBOARD_NAME": self.name,
        }

    def _table(self, suffix: str, *keys: str, index: tuple[str, ...] = ()) -> None:
        def schema(names: tuple[str, ...]) -> list[dict[str, str]]:
            return [
                {"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)
            ]

        more = {
            "GlobalSecondaryIndexes": [
                {"IndexName": "BySeries", "KeySchema": schema(index), "Projection": {"ProjectionType": "ALL"}}
            ]
        }
        self.account.dynamodb.create_table(
            TableName=f"{self.name}-{suffix}",
            KeySchema=schema(keys),
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in dict.fromkeys((*keys, *index))
            ],
            BillingMode="PAY_PER_REQUEST",
            **(more if index else {}),
        )

    def register(self, project: str, account: str = SPOKE) -> None:
        """Register `<ProjectName>/<Environment>`."""
        self.account.ssm.put_parameter(Name=f"{self.path}/{project}", Value=account, Type="String", Overwrite=True)

    def watch(self, silent_after: float = 26) -> None:
        """Deploy a watch function, which has the settings of silent spokes."""
        self.function(
            "watch",
            "def handler(event, context):\n    return {}\n",
            DS_DASHBOARD_MONITORED_PROJECTS_PATH=self.path,
            DS_DASHBOARD_SILENT_AFTER_HOURS=str(silent_after),
        )

    def function(self, role: str, source: str, **variables: str) -> None:
        """Deploy a function of the hub."""
        self.account.function(f"{self.name}-{role}", source, Environment={"Variables": variables})

    def send(self, kind: str, *details: Mapping[str, Any], account: str = SPOKE) -> None:
        """Archive events, as the archive function does."""
        self.archive(*(event(detail, kind=kind, account=account) for detail in details))

    def archive(self, *bodies: str, now: datetime | None = None) -> None:
        """Archive the bodies of messages."""
        for service in ("dynamodb", "sqs", "ssm"):
            aws.use(service, getattr(self.account, service))
        settings = ArchiveSettings(
            name=self.name,
            history_table=f"{self.name}-metrics",
            latest_table=f"{self.name}-latest",
            spokes_table=f"{self.name}-spokes",
            rejected_queue_url="https://unused",
            monitored_projects_path=self.path,
            retention_days=None,
            region=REGION,
            thresholds=self.thresholds,
        )
        messages = [Message(str(number), body) for number, body in enumerate(bodies)]
        failed = archive(messages, settings, Registration(self.path, REGION), now or dates.now(), Deadline.after(60.0))
        aws.forget()
        assert not failed

    def put(self, suffix: str, item: Mapping[str, Any]) -> None:
        """Write an item to a table as it is."""
        self.account.dynamodb.put_item(
            TableName=f"{self.name}-{suffix}", Item={name: _serialize(value) for name, value in item.items()}
        )

    def put_many(self, count: int, detail: Callable[[int], Mapping[str, Any]], size: int = 0) -> None:
        """Write values to the history table, each padded to about `size` bytes."""
        items = [detail(number) for number in range(count)]
        requests = [
            {"PutRequest": {"Item": {name: _serialize(value) for name, value in item.items()}}}
            for item in ({**item, "Metadata": {"Note": "x" * size}} for item in items)
        ]
        for start in range(0, count, 25):
            self.account.dynamodb.batch_write_item(RequestItems={f"{self.name}-metrics": requests[start : start + 25]})

    def run(self, *words: object, code: int = 0, **env: Any) -> Result:
        """Run `ds-dashboard` in the hub's account; it must end with this exit code."""
        return run(*words, code=code, **{**self.env, **env})

    def lines(self, *words: object, **env: Any) -> list[dict[str, Any]]:
        """Return the JSON objects that a command prints, one a line."""
        # What follows "--" is not an option.
        end = words.index("--") if "--" in words else len(words)
        printed = self.run(*words[:end], "--json", *words[end:], **env).stdout
        return [json.loads(line, parse_float=str) for line in printed.splitlines()]

    def as_role(self, *statements: dict[str, Any]) -> dict[str, Any]:
        """Return an environment in which commands have these permissions only."""
        role = self.account.role(f"{self.name}-reader{next(_numbers)}", *statements)
        keys = self.account.sts.assume_role(RoleArn=role, RoleSessionName="reader")["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
        }
