"""Each metric has the permissions that it needs, as the local cloud enforces IAM, and does not work without them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ds_dashboard import ulid
from ds_dashboard_dev.checkout import CHECKOUT, build_with_metrics
from ds_dashboard_dev.testing.installation import Spoke
from ds_dashboard_dev.testing.roots import copy_root
from ds_dashboard_dev.testing.waiting import eventually
from ds_dashboard_local import LocalCloud

from . import resources
from .served import unserved, valued

ACCOUNT = "650000000001"
MANIFEST = json.loads((CHECKOUT / "modules" / "spoke" / "metrics.json").read_text())["metrics"]
Statements = Sequence[Mapping[str, Any]]


class World:
    """A spoke with every metric, the role of its function, and a queue with what it emits."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        needing = [
            name for name, entry in MANIFEST.items() if any(one["required"] for one in entry["arguments"].values())
        ]
        root = copy_root(Path(__file__).parent / "terraform", folder / "root", cloud, {"account": ACCOUNT})
        root.apply(
            metrics=[name for name in MANIFEST if name not in needing],
            metric_instances={name: {"class": name, "arguments": dict(valued(name).arguments)} for name in needing},
            **build_with_metrics(folder),
        )
        outputs = root.outputs()["spoke"]
        self.spoke = Spoke(cloud, ACCOUNT, outputs, "Project1/dev")
        self.permissions: Mapping[str, Statements] = outputs["metric_permissions"]
        self._role = outputs["role_arn"].rpartition("/")[2]
        policy = json.loads(outputs["iam_policy_json"])
        self._base = [one for one in policy["Statement"] if one["Action"] == ["events:PutEvents"]]
        self._queue = self._subscribed_queue()

    def _subscribed_queue(self) -> str:
        sqs, events = self.spoke.client("sqs"), self.spoke.client("events")
        arn = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:emitted"
        allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [{**allow, "Resource": arn}]})
        url: str = sqs.create_queue(QueueName="emitted", Attributes={"Policy": policy})["QueueUrl"]
        pattern = json.dumps({"source": ["metric_extractor"], "detail": {"RefreshId": [{"exists": True}]}})
        events.put_rule(Name="emitted", EventBusName=self.spoke.bus_name, EventPattern=pattern)
        events.put_targets(Rule="emitted", EventBusName=self.spoke.bus_name, Targets=[{"Id": "queue", "Arn": arn}])
        return url

    def extract(self, metrics: Sequence[str], statements: Statements) -> dict[str, str]:
        """Extract metrics under a role with these statements; return `value` or the type of the error of each."""
        document = json.dumps({"Version": "2012-10-17", "Statement": [*self._base, *allowed(statements)]})
        self.spoke.client("iam").put_role_policy(RoleName=self._role, PolicyName="metrics", PolicyDocument=document)
        refresh_id = ulid.new()
        self.spoke.invoke("extract", {"detail": {"RefreshId": refresh_id, "Metrics": list(metrics)}})
        found: dict[str, dict[str, Any]] = {}

        def has_run() -> bool:
            for event in self._received():
                if event["detail"]["RefreshId"] == refresh_id:
                    found[event["detail"].get("MetricName", "")] = event["detail"]
            return len(found) == len(metrics) + 1 - len(found.get("", {}).get("NothingToReport", {}))

        eventually(has_run, f"the events of {refresh_id}")
        nothing = dict.fromkeys(found.pop("").get("NothingToReport", {}), "nothing to report")
        return nothing | {name: str(one.get("ErrorType", "value")) for name, one in found.items()}

    def _received(self) -> Iterator[dict[str, Any]]:
        sqs = self.spoke.client("sqs")
        for message in sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages", ()):
            sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
            yield json.loads(message["Body"])


def allowed(statements: Statements) -> list[dict[str, Any]]:
    """Return statements as modules/spoke writes them into a policy."""
    return [{"Effect": "Allow", **statement} for statement in statements]


@pytest.fixture(scope="module")
def world(local_cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The applied spoke, in an account with resources."""
    with ThreadPoolExecutor(1) as pool:
        created = pool.submit(resources.create, lambda service: local_cloud.client(service, ACCOUNT))
        made = World(local_cloud, tmp_path_factory.mktemp("roles"))
        created.result()
    return made


@pytest.fixture(scope="module")
def served(world: World) -> list[str]:
    """The metrics whose operations the local cloud has."""
    missing = unserved(list(MANIFEST), world.spoke.client)
    found = [name for name in MANIFEST if name not in missing]
    print(f"{len(found)} of {len(MANIFEST)} metrics are served; not: {missing}")
    assert len(found) >= 16, f"the local cloud serves too few metrics to show anything: {missing}"
    return found


def test_each_metric_works_with_its_own_permissions_alone(world: World, served: list[str]) -> None:
    """And it needs no permission that another metric of the same function happens to declare."""
    outcomes = {name: world.extract([name], world.permissions[name])[name] for name in served}
    assert {name: one for name, one in outcomes.items() if one not in ("value", "nothing to report")} == {}
    assert list(outcomes.values()).count("value") >= 16


def test_no_metric_works_without_its_permissions(world: World, served: list[str]) -> None:
    """Each is denied, and none reports a zero or nothing in place of what it could not read."""
    outcomes = world.extract(served, [])
    assert set(outcomes) == set(served)
    assert {name: one for name, one in outcomes.items() if one != "MetricDenied"} == {}
