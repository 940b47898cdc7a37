"""`make costs`: the monthly costs of an installation, computed from list prices and the resources of the modules.

Prices are in US dollars in us-east-1, without free tiers, as of November 2026. Most regions differ by less than 25%.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

# Service -> its pricing page, and the source of the price, because that page shows prices per region only on demand.
SOURCES = {
    "EventBridge": "aws.amazon.com/eventbridge/pricing, "
    "quoted by cloudburn.io/blog/amazon-eventbridge-pricing in March 2026",
    "CloudWatch": "aws.amazon.com/cloudwatch/pricing, "
    "quoted by cloudburn.io/blog/amazon-cloudwatch-pricing in February 2026",
    "DynamoDB": "aws.amazon.com/dynamodb/pricing/on-demand, "
    "quoted by airbyte.com/data-engineering-resources/dynamodb-pricing in July 2025; "
    "storage and recovery not looked up again",
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
    """Print the table and the sources of the prices."""
    sys.stdout.write(table() + "\n")
    for service, source in SOURCES.items():
        sys.stdout.write(f"{service}: {source}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
