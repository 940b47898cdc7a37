"""Benchmark of the pages: a hub with very many series in the local cloud, read and shown as `ds-dashboard web` does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

from ds_dashboard import dates
from ds_dashboard.identity import DEFAULT_MONITORED_PROJECTS_PATH
from ds_dashboard.pages.cells import SPARK_POINTS
from ds_dashboard_dev.bench.report import Figure
from ds_dashboard_dev.checkout import say
from ds_dashboard_local import LocalCloud

_HUB, _NAME = "111111111111", "pages"
_BATCH, _WRITERS = 25, 8
_METRICS, _ENVIRONMENTS = 100, ("dev", "test", "prod")
# The sparklines of the first pages have values: of as many projects and metrics as they show.
_PAGES, _PROJECTS_OF_PAGE, _METRICS_OF_PAGE = 3, 12, 8
# In a process of its own, whose largest memory is that of the server.
_PROGRAM = """
import json, sys, time
from pathlib import Path
from ds_dashboard.client import Hub
from ds_dashboard.pages import render, site
from ds_dashboard.publish.source import HubSource
from ds_dashboard.publish.last_read import LastRead

def seconds(function, *arguments):
    started = time.perf_counter()
    result = function(*arguments)
    return time.perf_counter() - started, result

def show(address):
    page = site.page(address, index, last_read)
    view = {**site.frame(address, index), "version": "", **page.view}
    return render.render(page.template, view)

hub = Hub(sys.argv[1], warn=lambda _: None)
pages = hub.installation.client("dynamodb").get_paginator("scan")
scan, _ = seconds(lambda: [page["Count"] for page in pages.paginate(TableName=f"{sys.argv[1]}-latest")])
last_read = LastRead(HubSource(hub, {}))
read, _ = seconds(last_read.read)
index = last_read.held().content
first, html = seconds(show, "/")
whole, _ = seconds(show, "/?page=2")
# Its sparklines were read with the page.
last_read.recent([(f"project-{number:05}", one, f"Metric{metric:03}")
    for number in range(24, 36) for one in ("dev", "test", "prod") for metric in range(8)])
own, html = seconds(show, "/?page=3")
assert html.count("polyline") >= 288, last_read.held().banners
filtered, _ = seconds(show, "/?env=prod")
# Not `ru_maxrss`, which counts the process that started this one.
def largest_memory():
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024

memory = largest_memory()
# The last read stays until the next one is complete.
last_read.read()
print(json.dumps([scan, read, first, whole, own, filtered, memory, largest_memory(), len(index.snapshot.series)]))
"""


def measure_pages(quick: bool) -> list[Figure]:
    """Measure the read of a hub, its first page and the next ones, and the memory of the server."""
    count = 12_000 if quick else 100_000
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
    scan, read, first, whole, own, filtered, memory, twice, shown = json.loads(done.stdout)
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
        Figure("pages: first page after the read", first, "s", f"with 293 sparklines, {what}", aim=8.0),
        Figure("pages: next page, with its sparklines read", own, "s", f"index, view and HTML, {what}", aim=0.3),
        Figure("pages: next page, with 288 reads of sparklines", whole, "s", what),
        Figure("pages: first page of a filter, with its sparklines", filtered, "s", what),
        Figure("pages: memory of the server", memory, "MB", what, aim=200.0),
        Figure("pages: memory of the server after another read", twice, "MB", what),
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

    def write(table: str, batch: list[dict[str, Any]]) -> None:
        requests = [{"PutRequest": {"Item": item}} for item in batch]
        dynamodb.batch_write_item(RequestItems={f"{_NAME}-{table}": requests})

    with ThreadPoolExecutor(_WRITERS) as pool:
        ssm = cloud.client("ssm", account=_HUB)
        spokes = [_spoke(item) for item in items[::_METRICS]]
        parameters = (f"{DEFAULT_MONITORED_PROJECTS_PATH}/{one['Project']['S'].replace('#', '/')}" for one in spokes)
        list(pool.map(lambda name: ssm.put_parameter(Name=name, Value="1" * 12, Type="String"), parameters))
        for table, rows in (("spokes", spokes), ("latest", items), ("metrics", list(_history(items)))):
            batches = (rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH))
            list(pool.map(partial(write, table), batches))


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


def _spoke(item: dict[str, Any]) -> dict[str, Any]:
    """Return what the archive writes of a spoke, from one of its newest values."""
    texts = ("Project", "ProjectName", "Environment", "AccountId", "Region")
    now = item["ExtractionDate"]
    return {name: item[name] for name in texts} | {"LastSeen": now, "FinishedAt": now, "Emitted": {"N": str(_METRICS)}}


def _history(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the values of the last days of the series on the first pages."""
    spokes = _PAGES * _PROJECTS_OF_PAGE * len(_ENVIRONMENTS)
    for number in range(spokes * _METRICS_OF_PAGE):
        spoke, metric = divmod(number, _METRICS_OF_PAGE)
        item = items[spoke * _METRICS + metric]
        for day in range(SPARK_POINTS):
            # No two values of a metric at one instant, which is the key.
            date = dates.format_instant(dates.now() - timedelta(days=day, microseconds=number + 1))
            yield {
                **item,
                "Series": {"S": f"{item['Project']['S']}#{item['MetricName']['S']}"},
                "ExtractionDate": {"S": date},
                "MetricValue": {"N": str(day * 7 % 13)},
            }
