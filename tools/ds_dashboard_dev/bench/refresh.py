"""From a refresh to the last value in the hub's table, for two spokes in the local cloud.

Hub and spokes are those of `examples/local`: the deployed package, its roles, three accounts on one machine.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from ds_dashboard_dev import demo_world as world
from ds_dashboard_dev.bench import task
from ds_dashboard_dev.bench.figure import Figure, spread
from ds_dashboard_dev.demo_root import EXAMPLE, Root
from ds_dashboard_dev.failure import Failure
from ds_dashboard_local import LocalCloud

TITLE = "refresh to table, two spokes in the local cloud"
_SPOKES = 2
_AIM = 2.0
_POLL_SECONDS = 0.03
_PATIENCE_SECONDS = 60.0


def measure(quick: bool) -> list[Figure]:
    """Apply the example, then ask again and again."""
    with tempfile.TemporaryDirectory() as temporary, LocalCloud() as cloud:
        hub = _Hub(cloud, _outputs(cloud, Path(temporary)))
        # The first one starts the functions' processes.
        first, *seconds = [hub.refreshed() for _ in range(12)]
    return [
        Figure(
            "refresh to the last value in the table",
            median(seconds),
            "s",
            f"{spread(seconds)}; the first, with every function started, {first:.1f} s",
            aim=_AIM,
        )
    ]


def _outputs(cloud: LocalCloud, folder: Path) -> dict[str, str]:
    world.train(cloud, range(123))
    world.serve(cloud, range(3))
    world.register(cloud)
    own = ("--metrics", EXAMPLE / "metrics")
    variables = {
        "manifest_path": str(task.build_manifest(folder, *own)),
        "package_path": str(task.build(folder, *own)),
    }
    accounts = Root("accounts", cloud, variables, folder)
    connections = Root("connections", cloud, {}, folder)
    accounts.apply()
    for stage in ("permissions", "forwarding"):
        connections.apply(stage=stage)
    return accounts.outputs()


class _Hub:
    """The central hub: its function `refresh`, and the tables in which the answers arrive."""

    def __init__(self, cloud: LocalCloud, outputs: dict[str, str]) -> None:
        self._outputs = outputs
        self._functions = cloud.client("lambda", world.HUB)
        self._dynamodb = cloud.client("dynamodb", world.HUB)

    def refreshed(self) -> float:
        """Ask all spokes, and return the seconds until the last value of both is in the table."""
        begun = time.perf_counter()
        answer = self._functions.invoke(FunctionName=self._outputs["refresh_function_name"], Payload=b"{}")
        refresh_id = json.load(answer["Payload"])["RefreshId"]
        while time.perf_counter() < begun + _PATIENCE_SECONDS:
            answered = self._items("spokes_table_name", "LastRefreshId", refresh_id)
            values = self._items("latest_table_name", "RefreshId", refresh_id)
            if len(answered) == _SPOKES and len(values) == sum(int(item["Emitted"]["N"]) for item in answered):
                return time.perf_counter() - begun
            time.sleep(_POLL_SECONDS)
        raise Failure("The spokes have not answered in a minute.", cure="`make demo` shows where it stops.")

    def _items(self, table: str, attribute: str, value: str) -> list[dict[str, Any]]:
        items = self._dynamodb.scan(TableName=self._outputs[table], ConsistentRead=True)["Items"]
        return [item for item in items if item.get(attribute) == {"S": value}]
