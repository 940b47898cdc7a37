"""Benchmarks of installations in the local cloud: the time of plans, and from a refresh to the last value.

The real AWS provider plans and applies the real modules. A refresh runs the deployed package under its roles, in three
accounts on one machine.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from ds_dashboard_dev import terraform
from ds_dashboard_dev.bench.report import Figure, spread
from ds_dashboard_dev.checkout import CHECKOUT, Failure, build_with_metrics
from ds_dashboard_dev.demo import company, work
from ds_dashboard_local import LocalCloud

_FEW_METRICS, _MANY_METRICS = 3, 60
_PLAN_RATIO_AIM = 1.2
# Spokes of a connection -> the aim in seconds, and how often it is planned.
_CONNECTIONS: dict[int, tuple[float | None, int]] = {10: (None, 2), 290: (10.0, 2), 1500: (90.0, 1)}
_DEFAULT_RULES_QUOTA = 300
_ACCOUNT = "111111111111"
_METRIC = '''
from ds_dashboard.metrics import Metric


class Metric{number:02}(Metric):
    """Endpoints whose name contains {number:02}."""

    unit = "Count"
    _iam_permissions = [*Metric._iam_permissions, {{"Action": "sagemaker:ListEndpoints", "Resource": "*"}}]

    def _compute_value(self) -> int:
        return self.count("sagemaker", "list_endpoints", "Endpoints", NameContains="{number:02}")
'''

_REFRESH_AIM_SECONDS = 2.0
_REFRESHES = 12
_SPOKES = 2
# Few calls: others wait for their turn, as SageMaker allows two calls of an operation per second.
_REFRESHED = ("CompletedTrainingJobs24h", "ModelVersion", "NumberEndPointsInService", "StoppedTrainingJobs24h")
_POLL_SECONDS = 0.03
_TIMEOUT_SECONDS = 60.0


def measure_plans(quick: bool) -> list[Figure]:
    """Time plans of a spoke with few and many metrics, and of connections with few and many spokes."""
    with tempfile.TemporaryDirectory() as temporary, LocalCloud() as cloud:
        folder = Path(temporary)
        return [_plan_of_spoke(folder, cloud), *_plans_of_connections(folder, cloud)]


class _Root:
    """A root module that calls one of the modules, initialized."""

    def __init__(self, folder: Path, name: str, module: str, variables: Mapping[str, Any]) -> None:
        self._folder = folder / name
        self._folder.mkdir()
        # Terraform copies a module with an absolute path, and uses one with a relative path where it is.
        source = os.path.relpath(CHECKOUT / "modules" / module, self._folder.resolve())
        document = {"module": {"measured": {"source": source, **variables}}}
        (self._folder / "root.tf.json").write_text(json.dumps(document))
        terraform.init(self._folder)

    def plan(self, cloud: LocalCloud) -> tuple[float, float]:
        """Plan it; return the seconds on the clock, and the processor time of all processes together."""
        started, before = time.perf_counter(), os.times()
        terraform.run(self._folder, "plan", "-input=false", "-no-color", "-lock=false", env=cloud.environment(_ACCOUNT))
        after = os.times()
        processors = after.children_user + after.children_system - before.children_user - before.children_system
        return time.perf_counter() - started, processors


def _plan_of_spoke(folder: Path, cloud: LocalCloud) -> Figure:
    metrics = folder / "metrics"
    metrics.mkdir()
    for number in range(_MANY_METRICS):
        (metrics / f"metric{number:02}.py").write_text(_METRIC.format(number=number))
    common = {
        "project_name": "Project1",
        "environment": "dev",
        **build_with_metrics(folder, metrics),
    }
    few, many = (
        _Root(folder, f"spoke-{count}", "spoke", {**common, "metrics": [f"Metric{n:02}" for n in range(count)]})
        for count in (_FEW_METRICS, _MANY_METRICS)
    )
    times = [(few.plan(cloud)[0], many.plan(cloud)[0]) for _ in range(4)]
    few_seconds, many_seconds = ([pair[which] for pair in times] for which in (0, 1))
    return Figure(
        f"plan of a spoke with {_MANY_METRICS} metrics vs {_FEW_METRICS}",
        median(many_seconds) / median(few_seconds),
        "times",
        f"{spread(many_seconds)} vs {spread(few_seconds)}",
        aim=_PLAN_RATIO_AIM,
    )


def _plans_of_connections(folder: Path, cloud: LocalCloud) -> list[Figure]:
    figures = []
    for spokes, (aim, times) in _CONNECTIONS.items():
        projects = {f"Project{number:04}": {"dev": str(900_000_000_000 + number)} for number in range(spokes)}
        # What the module requires above the default quota of rules and the maximum size of a bus policy.
        beyond = {"rules_quota": spokes + 2, "organization_ids": ["o-a1b2c3d4e5"]}
        variables = {
            "monitors": {},
            "monitored_projects": projects,
            **(beyond if spokes > _DEFAULT_RULES_QUOTA else {}),
        }
        root = _Root(folder, f"connection-{spokes}", "connection", variables)
        planned = [root.plan(cloud) for _ in range(times)]
        seconds = [clock for clock, _ in planned]
        detail = f"{spread(seconds)}, {median(processors for _, processors in planned):.0f} s of processor time"
        figures.append(Figure(f"plan of a connection with {spokes} spokes", median(seconds), "s", detail, aim=aim))
    return figures


def measure_refresh(quick: bool) -> list[Figure]:
    """Time refreshes of two spokes, from the request to the last value in the hub's table."""
    with tempfile.TemporaryDirectory() as temporary, LocalCloud() as cloud:
        hub = _Hub(cloud, _apply_example(cloud, Path(temporary)))
        # The first one starts the processes of the functions.
        first, *seconds = [hub.refresh() for _ in range(_REFRESHES)]
    return [
        Figure(
            "refresh to the last value in the table",
            median(seconds),
            "s",
            f"{spread(seconds)}; the first, with the start of every function, {first:.1f} s",
            aim=_REFRESH_AIM_SECONDS,
        )
    ]


def _apply_example(cloud: LocalCloud, folder: Path) -> dict[str, str]:
    """Apply `examples/local`, and return the outputs of its root module `accounts`."""
    work.have_worked(cloud)
    company.register(cloud)
    built = build_with_metrics(folder, company.EXAMPLE / "metrics")
    accounts = company.root("accounts", cloud, built, work=folder)
    accounts.apply()
    connections = company.root("connections", cloud, work=folder)
    for stage in ("permissions", "forwarding"):
        connections.apply(stage=stage)
    return accounts.outputs()


class _Hub:
    """The central hub: its refresh function, and the tables in which the values arrive."""

    def __init__(self, cloud: LocalCloud, outputs: dict[str, str]) -> None:
        self._outputs = outputs
        self._functions = cloud.client("lambda", company.HUB)
        self._dynamodb = cloud.client("dynamodb", company.HUB)
        self._payload = json.dumps({"Metrics": _REFRESHED})

    def refresh(self) -> float:
        """Refresh all spokes, and return the seconds until the last value is in the table."""
        started = time.perf_counter()
        answer = self._functions.invoke(FunctionName=self._outputs["refresh_function_name"], Payload=self._payload)
        refresh_id = json.load(answer["Payload"])["RefreshId"]
        while time.perf_counter() < started + _TIMEOUT_SECONDS:
            runs = self._items("spokes_table_name", "LastRefreshId", refresh_id)
            values = self._items("latest_table_name", "RefreshId", refresh_id)
            if len(runs) == _SPOKES and len(values) == sum(int(item["Emitted"]["N"]) for item in runs):
                return time.perf_counter() - started
            time.sleep(_POLL_SECONDS)
        raise Failure("The spokes did not respond within a minute.", fix="Run `make demo` to see which step fails.")

    def _items(self, table: str, attribute: str, value: str) -> list[dict[str, Any]]:
        items = self._dynamodb.scan(TableName=self._outputs[table], ConsistentRead=True)["Items"]
        return [item for item in items if item.get(attribute) == {"S": value}]
