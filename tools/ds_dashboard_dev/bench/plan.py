"""How long a plan takes: of a spoke with few and many metrics, of a connection with few and many spokes.

The real AWS provider plans the real modules; the local cloud answers it.
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
from ds_dashboard_dev.bench import task
from ds_dashboard_dev.bench.figure import Figure, spread
from ds_dashboard_local import LocalCloud

TITLE = "plans of a spoke and of connections"
_FEW, _MANY = 3, 60
_RATIO = 1.2
# Spokes of a connection: seconds that are the aim, and how often it is planned.
_CONNECTIONS: dict[int, tuple[float | None, int]] = {10: (None, 2), 290: (10.0, 2), 1500: (90.0, 1)}
_RULES = 300
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


class _Root:
    """A root module that calls one of the modules, initialized."""

    def __init__(self, folder: Path, name: str, module: str, variables: Mapping[str, Any]) -> None:
        self._folder = folder / name
        self._folder.mkdir()
        # A relative path, since Terraform copies a module that is named by an absolute one.
        source = os.path.relpath(terraform.CHECKOUT / "modules" / module, self._folder.resolve())
        document = {"module": {"measured": {"source": source, **variables}}}
        (self._folder / "root.tf.json").write_text(json.dumps(document))
        terraform.init(self._folder)

    def planned(self, cloud: LocalCloud) -> tuple[float, float]:
        """Plan it, and return the seconds that took: on the clock, and of all processors together."""
        begun, before = time.perf_counter(), os.times()
        terraform.run(self._folder, "plan", "-input=false", "-no-color", "-lock=false", env=cloud.environment(_ACCOUNT))
        after = os.times()
        processors = after.children_user + after.children_system - before.children_user - before.children_system
        return time.perf_counter() - begun, processors


def measure(quick: bool) -> list[Figure]:
    """Plan them in turn."""
    with tempfile.TemporaryDirectory() as temporary, LocalCloud() as cloud:
        folder = Path(temporary)
        return [_spoke(folder, cloud), *_connections(folder, cloud)]


def _spoke(folder: Path, cloud: LocalCloud) -> Figure:
    metrics = folder / "metrics"
    metrics.mkdir()
    for number in range(_MANY):
        (metrics / f"metric{number:02}.py").write_text(_METRIC.format(number=number))
    common = {
        "project_name": "Project1",
        "environment": "dev",
        "manifest_path": str(task.build_manifest(folder, "--metrics", metrics)),
        "package_path": str(task.build(folder, "--metrics", metrics)),
    }
    few, many = (
        _Root(folder, f"spoke-{count}", "spoke", {**common, "metrics": [f"Metric{n:02}" for n in range(count)]})
        for count in (_FEW, _MANY)
    )
    times = [(few.planned(cloud)[0], many.planned(cloud)[0]) for _ in range(4)]
    few_seconds, many_seconds = ([pair[which] for pair in times] for which in (0, 1))
    return Figure(
        f"plan of a spoke with {_MANY} metrics beside {_FEW}",
        median(many_seconds) / median(few_seconds),
        "times",
        f"{spread(many_seconds)} beside {spread(few_seconds)}",
        aim=_RATIO,
    )


def _connections(folder: Path, cloud: LocalCloud) -> list[Figure]:
    figures = []
    for spokes, (aim, times) in _CONNECTIONS.items():
        projects = {f"Project{number:04}": {"dev": str(900_000_000_000 + number)} for number in range(spokes)}
        # Past the quota and the policy's size, as the module asks for.
        raised = {"rules_quota": spokes + 1, "organization_ids": ["o-a1b2c3d4e5"]} if spokes > _RULES else {}
        variables = {"monitors": {}, "monitored_projects": projects, **raised}
        root = _Root(folder, f"connection-{spokes}", "connection", variables)
        planned = [root.planned(cloud) for _ in range(times)]
        seconds = [clock for clock, _ in planned]
        detail = f"{spread(seconds)}, {median(processors for _, processors in planned):.0f} s of processor time"
        figures.append(Figure(f"plan of a connection with {spokes} spokes", median(seconds), "s", detail, aim=aim))
    return figures
