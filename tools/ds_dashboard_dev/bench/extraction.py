"""Extraction of 20 metrics, 50 ms for each API call: beside the slowest of them alone, and one after another."""

import json
import tempfile
from pathlib import Path
from typing import Any

from ds_dashboard_dev.bench import task
from ds_dashboard_dev.bench.figure import Figure, spread
from ds_dashboard_dev.bench.latency import LatencyServer

TITLE = "extraction of 20 metrics, 50 ms a call"
_CALL_SECONDS = 0.05
# Calls that each metric makes. Differing, so that the slowest one means something.
_PAGES = [6, 5, 4, 4, 3, 3, 3, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1]
_AIM = 1.5


def measure(quick: bool) -> list[Figure]:
    """Time the handler ``extract`` of a package that has such metrics, with real clients."""
    instances = {
        f"Metric{index:02}": {"class": "Pages", "arguments": {"pages": str(pages)}}
        for index, pages in enumerate(_PAGES)
    }
    slowest = next(iter(instances))
    rounds = [[_refresh(f"all-{n}"), _refresh(f"one-{n}", slowest)] for n in range(3 if quick else 16)]
    with tempfile.TemporaryDirectory() as folder, LatencyServer(_CALL_SECONDS) as server:
        unpacked = task.unpacked(task.build(Path(folder), "--metrics", Path(__file__).with_name("metrics")))
        env = task.environment(AWS_ENDPOINT_URL=server.endpoint, DS_DASHBOARD_METRIC_INSTANCES=json.dumps(instances))
        handler = "ds_dashboard.handlers.extract"
        # The first round makes the clients; what that costs is the cold start's figure.
        _, *warm = task.timed_calls(unpacked, handler, rounds, env=env)
        one_thread = {"ds_dashboard.spoke.extraction": {"_MOST_THREADS": 1}}
        _, (in_turn,) = task.timed_calls(
            unpacked, handler, [[_refresh("warm", slowest)], [_refresh("in-turn")]], env=env, patches=one_thread
        )
    together, alone = ([seconds[which] for seconds in warm] for which in (0, 1))
    # The least of many runs: the others have in them what else the machine did meanwhile.
    slowest_seconds = min(alone)
    return [
        Figure(
            "20 metrics beside the slowest alone",
            min(together) / slowest_seconds,
            "times",
            f"{spread(together)} beside {spread(alone)}",
            aim=_AIM,
        ),
        Figure(
            "20 metrics one after another beside the slowest alone",
            in_turn / slowest_seconds,
            "times",
            f"{in_turn:.1f} s for {sum(_PAGES)} calls and those of PutEvents",
        ),
    ]


def _refresh(refresh_id: str, *metrics: str) -> dict[str, Any]:
    return {"detail": {"RefreshId": refresh_id, **({"Metrics": list(metrics)} if metrics else {})}}
