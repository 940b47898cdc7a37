"""`make costs`: the monthly costs of an installation, computed from list prices and the resources of the modules.

Prices are in US dollars in us-east-1, without free tiers, as of November 2026. Most regions differ by less than 25%.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

from ds_dashboard.client.newest import CALL_VALUES
from ds_dashboard.pages.cells import SPARK_POINTS
from ds_dashboard.pages.report import MAX_SERIES
from ds_dashboard.publish.source import MAX_QUERIES

# Service -> its pricing page, and the source of the price, because that page shows prices per region only on demand.
SOURCES = {
    "EventBridge": "aws.amazon.com/eventbridge/pricing, "
    "quoted by cloudburn.io/blog/amazon-eventbridge-pricing in March 2026",
    "CloudWatch": "aws.amazon.com/cloudwatch/pricing, "
    "quoted by cloudburn.io/blog/amazon-cloudwatch-pricing in February 2026",
    "DynamoDB": "aws.amazon.com/dynamodb/pricing/on-demand, "
    "quoted by airbyte.com/data-engineering-resources/dynamodb-pricing in July 2025; "
    "storage and recovery not looked up again",
    "S3": "aws.amazon.com/s3/pricing, by the price list of us-east-1 of September 2026",
    "dashboards": "aws.amazon.com/cloudwatch/pricing: three for each account are free",
    "Lambda, SQS": "aws.amazon.com/lambda/pricing, aws.amazon.com/sqs/pricing; not looked up again",
}

MILLION = 1e6
EVENT = 1.00 / MILLION  # sent to a custom bus; the delivery to another account costs the same again
QUEUE_CALL = 0.40 / MILLION
INVOCATION = 0.20 / MILLION
GB_SECOND = 0.0000133334
WRITE_UNIT = 0.625 / MILLION
READ_UNIT = 0.125 / MILLION
STORED_GB = 0.25 + 0.20  # the table, and its point-in-time recovery
LOG_GB = 0.50
ALARM = 0.10
CUSTOM_METRIC = 0.30
DASHBOARD = 3.00
PUT = 0.005 / 1000
OBJECT_GB = 0.023

DAYS = 30
# With every alarm enabled. tests/unit/dev/test_costs.py counts the alarms in the inventories of the modules.
HUB_ALARMS = 19 + 1
SPOKE_ALARMS = 6 + 1
# The metrics that the archive and the watcher publish, with one dimension each; not OldestRetriedEventAge, which is
# published only while events fail.
HUB_METRICS = 7
# Lambda polls an empty queue with five requests at a time, of 20 s each.
IDLE_QUEUE_CALLS = 5 * 3 * 60 * 24 * DAYS
# Assumptions about a spoke and its events.
METRICS = 5
EXTRACTION_SECONDS, EXTRACTION_GB = 4, 0.25
ITEM_KB, LOG_KB = 1, 4
ARCHIVE_SECONDS, ARCHIVE_GB = 0.02, 0.5

# The report and the widget of the dashboard. tests/client/test_costs.py counts their calls, and the size of an item.
PAGES_GB = 1769 / 1024
REPORT_ALARMS = 2
REPORT_VERSION_DAYS = 30
READ_KB = 0.5
# Processor time of a core of an AMD EPYC with Python 3.11, for hubs of 495 and 2,490 series: each call, each value of
# the history, and each series. What they predict is within 20% of what was measured. Waiting is not in it.
CALL_SECONDS, VALUE_SECONDS, SERIES_SECONDS = 0.0017, 40e-6, 110e-6
# Compressed bytes of a series in report.html and latest.csv, of the hub of `ds-dashboard report --demo`.
REPORT_SERIES_BYTES = 110
# Registrations in a call of Parameter Store, and how often a read of a hub lists them: for values and for spokes.
REGISTRATIONS, LISTS = 10, 2
# What a page of the overview shows at most: 12 projects with three environments and 8 metrics, and what changed most.
PAGE_SPOKES, PAGE_METRICS, PAGE_CHANGED = 12 * 3, 8, 5
REPORT_CHANGED = 10
# Somebody has to look. Each view reads the hub again, as if it were a minute or more after the last one.
VIEWS_A_DAY = 100


@dataclass(frozen=True, slots=True)
class Month:
    """Costs per month in US dollars.

    Attributes:
        hub: Of an idle hub.
        spokes: Of all spokes while idle.
        traffic: Of the values: computed, sent, written and kept.
    """

    hub: float
    spokes: float
    traffic: float

    @property
    def total(self) -> float:
        """Return the sum."""
        return self.hub + self.spokes + self.traffic


def month(spokes: int, runs_a_day: int, metrics: int = METRICS) -> Month:
    """Return the costs of a hub and `spokes` that compute `metrics` each, `runs_a_day` times a day."""
    runs = spokes * runs_a_day * DAYS
    events = runs * (metrics + 1)  # a result for each metric, and a run event
    sent = (events + runs) * 2 * EVENT  # values and refreshes: sent to one bus, delivered to a bus in another account
    queued = events * 3 * QUEUE_CALL  # sent, received, deleted
    # The history and its index, the latest value, and the spoke's item: one unit per KB.
    written = events * 4 * ITEM_KB * WRITE_UNIT + runs * READ_UNIT
    computed = (runs + events) * INVOCATION + (
        runs * EXTRACTION_SECONDS * EXTRACTION_GB + events * ARCHIVE_SECONDS * ARCHIVE_GB
    ) * GB_SECOND
    logged = runs * 2 * LOG_KB / MILLION * LOG_GB
    # A year of history, twice because of its index.
    stored = events * 12 * 2 * ITEM_KB / MILLION * STORED_GB
    return Month(
        hub=HUB_ALARMS * ALARM + HUB_METRICS * CUSTOM_METRIC + IDLE_QUEUE_CALLS * QUEUE_CALL,
        spokes=spokes * SPOKE_ALARMS * ALARM,
        traffic=sent + queued + written + computed + logged + stored,
    )


@dataclass(frozen=True, slots=True)
class Reads:
    """What a function reads of a hub.

    Attributes:
        calls: of DynamoDB and Parameter Store.
        units: read units of DynamoDB.
        values: values of the history.
        series: newest values.
    """

    calls: float
    units: float
    values: float = 0
    series: float = 0

    @property
    def seconds(self) -> float:
        """Return the processor time."""
        return self.calls * CALL_SECONDS + self.values * VALUE_SECONDS + self.series * SERIES_SECONDS

    def __add__(self, other: Reads) -> Reads:
        """Return both together."""
        return Reads(
            self.calls + other.calls,
            self.units + other.units,
            self.values + other.values,
            self.series + other.series,
        )

    def cost(self) -> float:
        """Return the costs of the reads and of the function's time, in US dollars."""
        return self.units * READ_UNIT + self.seconds * PAGES_GB * GB_SECOND + INVOCATION


def read_items(queries: int, items: float) -> Reads:
    """Return the reads of queries or scans for as many items, evenly distributed: pages of at most 1 MB."""
    kilobytes = items * READ_KB / max(1, queries)
    # Half a unit for 4 KB, because the reads are eventually consistent.
    return Reads(queries * max(1, math.ceil(kilobytes / 1024)), queries * math.ceil(kilobytes / 4) / 2)


def read_hub(spokes: int, metrics: int = METRICS) -> Reads:
    """Return what each read of a hub for pages needs: spokes, newest values, and the values of seven days ago."""
    series = spokes * metrics
    tables = read_items(1, spokes) + read_items(1, spokes) + read_items(1, series)
    registrations = Reads(LISTS * math.ceil(spokes / REGISTRATIONS), 0)
    return tables + registrations + Reads(0, 0, series=series) + read_newest_of(spokes, metrics, 1)


def read_newest_of(spokes: int, metrics: int, count: int) -> Reads:
    """Return the reads of so many last values of each series, by metric: at most what `Hub.newest_of` asks for."""
    values = metrics * (spokes * count + spokes / 8 + CALL_VALUES)
    return read_items(metrics, values) + Reads(0, 0, values=values)


def read_newest(series: int) -> Reads:
    """Return the reads of the last values of as many series, one query for each."""
    return read_items(series, series * SPARK_POINTS) + Reads(0, 0, values=series * SPARK_POINTS)


def read_report(spokes: int, metrics: int = METRICS) -> Reads:
    """Return what one report needs: the hub, and sparklines of all series."""
    series = spokes * metrics
    # With a file for each project, the series that have changed most are in the index as well.
    read = read_hub(spokes, metrics) + read_newest(REPORT_CHANGED if series > MAX_SERIES else 0)
    return read + (read_newest(series) if series <= MAX_QUERIES else read_newest_of(spokes, metrics, SPARK_POINTS))


def read_view(spokes: int, metrics: int = METRICS) -> Reads:
    """Return what one view of the dashboard needs: the hub, and the sparklines of the page."""
    shown = min(spokes, PAGE_SPOKES) * min(metrics, PAGE_METRICS)
    return read_hub(spokes, metrics) + read_newest(shown + min(PAGE_CHANGED, spokes * metrics))


def report(spokes: int, metrics: int = METRICS, reports_a_day: int = 1) -> float:
    """Return the costs per month of the report (`report`), with one file for each spoke if it does not fit into one."""
    series = spokes * metrics
    files = 2 if series <= MAX_SERIES else 2 + spokes
    stored = series * REPORT_SERIES_BYTES / 1e9 * (1 + reports_a_day * REPORT_VERSION_DAYS)
    each = read_report(spokes, metrics).cost() + files * PUT
    return REPORT_ALARMS * ALARM + stored * OBJECT_GB + each * reports_a_day * DAYS


def dashboard(spokes: int, metrics: int = METRICS, views_a_day: int = VIEWS_A_DAY) -> float:
    """Return the costs per month of the dashboard (`dashboard`), with the function of its widget."""
    return DASHBOARD + read_view(spokes, metrics).cost() * views_a_day * DAYS


def pages_table() -> str:
    """Return the table of what the report and the dashboard add, in Markdown."""
    lines = [f"| spokes | report once a day | dashboard, {VIEWS_A_DAY} views a day |", "|---:|---:|---:|"]
    lines += [f"| {spokes:,} | ${report(spokes):,.2f} | ${dashboard(spokes):,.2f} |" for spokes in (10, 100, 1000)]
    return "\n".join(lines) + "\n"


def table() -> str:
    """Return the table of the documents, in Markdown."""
    lines = [
        "| spokes | the hub, always | the spokes' alarms | values once a day | **in all** | **in all, every hour** |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for spokes in (10, 100, 1000):
        daily, hourly = month(spokes, 1), month(spokes, 24)
        amounts = (daily.hub, daily.spokes, daily.traffic)
        totals = (daily.total, hourly.total)
        cells = [f"{spokes:,}", *(f"${one:,.2f}" for one in amounts), *(f"**${one:,.2f}**" for one in totals)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Print the tables and the sources of the prices."""
    sys.stdout.write(f"{table()}\n{pages_table()}\n")
    for service, source in SOURCES.items():
        sys.stdout.write(f"{service}: {source}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
