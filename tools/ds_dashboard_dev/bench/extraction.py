"""Extraction of 20 metrics, 50 ms for each API call: beside the slowest of them alone, and one after another."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from ds_dashboard_dev.bench import task
from ds_dashboard_dev.bench.figure import Figure, spread
from ds_dashboard_dev.bench.latency import LatencyServer

TITLE = "extraction of 20 metrics, 50 ms a call"
_CALL_SECONDS = 0.05
# Calls that each metric makes. Differing, so that the slowest one means something; and all alike, where nothing hides
# the processor time behind the slowest.
_PAGES = [6, 5, 4, 4, 3, 3, 3, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1]
_ALIKE = [2] * 20
_AIM = 1.5
_HANDLER = "ds_dashboard.handlers.extract"
_SLOWEST = "Metric00"


def measure(quick: bool) -> list[Figure]:
    """Time the handler `extract` of a package that has such metrics, with real clients."""
    with tempfile.TemporaryDirectory() as folder, LatencyServer(_CALL_SECONDS) as server:
        unpacked = task.unpacked(task.build(Path(folder), "--metrics", Path(__file__).with_name("metrics")))
        env = task.environment(AWS_ENDPOINT_URL=server.endpoint)
        together, alone = _warm_seconds(unpacked, env, _PAGES, quick)
        alike, alike_alone = _warm_seconds(unpacked, env, _ALIKE, quick)
        _, (in_turn,) = task.timed_calls(
            unpacked,
            _HANDLER,
            [[_refresh("warm", _SLOWEST)], [_refresh("in-turn")]],
            env=_with_metrics(env, _PAGES),
            patches={"ds_dashboard.spoke.extraction": {"_MOST_THREADS": 1}},
        )
    return [
        _beside("20 metrics beside the slowest alone", together, alone),
        Figure(
            "20 metrics one after another beside the slowest alone",
            in_turn / min(alone),
            "times",
            f"{in_turn:.1f} s for {sum(_PAGES)} calls and those of PutEvents",
        ),
        _beside("20 metrics of two calls each beside one of them", alike, alike_alone),
    ]


def _with_metrics(env: dict[str, str], pages: list[int]) -> dict[str, str]:
    instances = {
        f"Metric{index:02}": {"class": "Pages", "arguments": {"pages": str(calls)}} for index, calls in enumerate(pages)
    }
    return {**env, "DS_DASHBOARD_METRIC_INSTANCES": json.dumps(instances)}


def _warm_seconds(unpacked: Path, env: dict[str, str], pages: list[int], quick: bool) -> tuple[list[float], ...]:
    """Seconds of all metrics together, and of the first alone."""
    rounds = [[_refresh(f"all-{n}"), _refresh(f"one-{n}", _SLOWEST)] for n in range(3 if quick else 16)]
    # The first round makes the clients; what that costs is the cold start's figure.
    _, *warm = task.timed_calls(unpacked, _HANDLER, rounds, env=_with_metrics(env, pages))
    return tuple([seconds[which] for seconds in warm] for which in (0, 1))


def _beside(name: str, together: list[float], alone: list[float]) -> Figure:
    # The least of many runs: the others have in them what else the machine did meanwhile.
    return Figure(name, min(together) / min(alone), "times", f"{spread(together)} beside {spread(alone)}", aim=_AIM)


def _refresh(refresh_id: str, *metrics: str) -> dict[str, Any]:
    return {"detail": {"RefreshId": refresh_id, **({"Metrics": list(metrics)} if metrics else {})}}
