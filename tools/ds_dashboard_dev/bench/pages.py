"""Benchmark of the pages: a hub with very many series in the local cloud, read and shown as `ds-dashboard web` does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ds_dashboard import dates
from ds_dashboard_dev.bench.report import Figure
from ds_dashboard_dev.checkout import say
from ds_dashboard_local import LocalCloud

_HUB, _NAME = "111111111111", "pages"
_BATCH, _WRITERS = 25, 8
_METRICS, _ENVIRONMENTS = 100, ("dev", "test", "prod")
# In a process of its own, whose largest memory is that of the server.
_PROGRAM = """
import json, resource, sys, time
from ds_dashboard.client import Hub
from ds_dashboard.pages import overview
from ds_dashboard_web.source import HubSource
from ds_dashboard.publish.state import State

def seconds(function):
    started = time.perf_counter()
    result = function()
    return time.perf_counter() - started, result

hub = Hub(sys.argv[1], warn=lambda _: None)
pages = hub.installation.client("dynamodb").get_paginator("scan")
scan, _ = seconds(lambda: [page["Count"] for page in pages.paginate(TableName=f"{sys.argv[1]}-latest")])
state = State(HubSource(hub, {}))
read, _ = seconds(state.read)
index = state.held().content
first, view = seconds(lambda: overview.overview(index, {}, state.recent, state.now()))
following, _ = seconds(lambda: overview.overview(index, {"page": "2"}, lambda _: {}, state.now()))
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([scan, read, first, following, memory, len(index.snapshot.series)]))
"""


def measure_pages(quick: bool) -> list[Figure]:
    """Measure the read of a hub, its first page and the next one, and the memory of the server."""
    count = 10_000 if quick else 100_000
    with LocalCloud() as cloud:
        say(f"writing {count:,} series ...")
        _write_series(cloud, count)
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM, _NAME],
            env={**os.environ, **cloud.environment(_HUB)},
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
    scan, read, first, following, memory, shown = json.loads(done.stdout)
    assert shown == count
    what = f"{count:,} series in the local cloud"
    return [
        Figure(
            "pages: read and first page vs a bare scan",
            (read + first) / scan,
            "times",
            f"{read + first:.1f} s vs {scan:.1f} s, {what}",
            aim=2.0,
        ),
        Figure("pages: first page after the read", first, "s", what, aim=8.0),
        Figure("pages: next page, without its sparklines", following, "s", what, aim=0.3),
        Figure("pages: memory of the server", memory, "MB", what, aim=200.0),
    ]


def _write_series(cloud: LocalCloud, count: int) -> None:
    dynamodb = cloud.client("dynamodb", account=_HUB)
    tables = {
        "latest": ("Project", "MetricName"),
        "metrics": ("MetricName", "ExtractionDate"),
        "spokes": ("Project",),
    }
    for table, keys in tables.items():
        names = dict.fromkeys([*keys, *(("Series", "ExtractionDate") if table == "metrics" else ())])
        arguments: dict[str, Any] = {
            "TableName": f"{_NAME}-{table}",
            "KeySchema": _schema(keys),
            "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in names],
            "BillingMode": "PAY_PER_REQUEST",
        }
        if table == "metrics":
            index = {
                "IndexName": "BySeries",
                "KeySchema": _schema(("Series", "ExtractionDate")),
                "Projection": {"ProjectionType": "ALL"},
            }
            arguments["GlobalSecondaryIndexes"] = [index]
        dynamodb.create_table(**arguments)
    items = list(_items(count))
    batches = [items[start : start + _BATCH] for start in range(0, count, _BATCH)]

    def write(batch: list[dict[str, Any]]) -> None:
        requests = [{"PutRequest": {"Item": item}} for item in batch]
        dynamodb.batch_write_item(RequestItems={f"{_NAME}-latest": requests})

    with ThreadPoolExecutor(_WRITERS) as pool:
        list(pool.map(write, batches))


def _schema(keys: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(keys, ("HASH", "RANGE"), strict=False)]


def _items(count: int) -> Iterator[dict[str, Any]]:
    """Yield items of the size that the archive writes: about 500 bytes."""
    now = dates.format_instant(dates.now())
    for number in range(count):
        spoke, metric = divmod(number, _METRICS)
        project = f"project-{spoke // len(_ENVIRONMENTS):05}"
        environment = _ENVIRONMENTS[spoke % len(_ENVIRONMENTS)]
        texts = {
            "Project": f"{project}#{environment}",
            "MetricName": f"Metric{metric:03}",
            "ExtractionDate": now,
            "SentExtractionDate": now,
            "Age": now,
            "Unit": "Count",
            "ProjectName": project,
            "Environment": environment,
            "AccountId": "1" * 12,
            "Region": "eu-west-1",
            "EventId": "e" * 36,
            "RefreshId": "r" * 26,
            "DedupKey": "d" * 64,
        }
        yield {
            **{name: {"S": text} for name, text in texts.items()},
            "MetricValue": {"N": str(number)},
            "Metadata": {"M": {}},
        }
