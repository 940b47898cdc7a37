"""`make costs`: what an installation costs a month, worked out from prices and from what the modules make.

Prices are list prices in US dollars in us-east-1, without any free tier, looked up in November 2026; most regions
differ by less than a quarter.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

# Service -> its pricing page, and where the price was read, since that page names prices for a region only on demand.
SOURCES = {
    "EventBridge": "aws.amazon.com/eventbridge/pricing, as "
    "cloudburn.io/blog/amazon-eventbridge-pricing had it in March 2026",
    "CloudWatch": "aws.amazon.com/cloudwatch/pricing, as "
    "cloudburn.io/blog/amazon-cloudwatch-pricing had it in February 2026",
    "DynamoDB": "aws.amazon.com/dynamodb/pricing/on-demand, as "
    "airbyte.com/data-engineering-resources/dynamodb-pricing had "
    "it in July 2025; storage and recovery as known",
    "Lambda, SQS": "aws.amazon.com/lambda/pricing, aws.amazon.com/sqs/pricing; as known, not read anew",
}

MILLION = 1e6
EVENT = 1.00 / MILLION  # put on a custom bus; delivered to a bus in another account costs the same again
QUEUE_CALL = 0.40 / MILLION
INVOCATION = 0.20 / MILLION
GB_SECOND = 0.0000133334
WRITE_UNIT = 0.625 / MILLION
READ_UNIT = 0.125 / MILLION
STORED_GB = 0.25 + 0.20  # table, and its point-in-time recovery
LOG_GB = 0.50
ALARM = 0.10
CUSTOM_METRIC = 0.30

DAYS = 30
# What the modules make with every alarm on: tests/unit/test_costs.py counts them in the modules' inventories.
HUB_ALARMS = 18 + 1
SPOKE_ALARMS = 6 + 1
# Names that the archive and the watcher publish (`ds_dashboard.emf`), one dimension each.
HUB_METRICS = 7
# Lambda asks a queue without messages five times at once, for 20 s each.
IDLE_QUEUE_CALLS = 5 * 3 * 60 * 24 * DAYS
# Assumed of a spoke and of what it sends.
METRICS = 5
EXTRACTION_SECONDS, EXTRACTION_GB = 4, 0.25
ITEM_KB, LOG_KB = 1, 4
ARCHIVE_SECONDS, ARCHIVE_GB = 0.02, 0.5


@dataclass(frozen=True, slots=True)
class Month:
    """US dollars a month: what is there anyway in the hub and in the spokes, and what values cost."""

    hub: float
    spokes: float
    traffic: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.hub + self.spokes + self.traffic


def month(spokes: int, runs_a_day: int, metrics: int = METRICS) -> Month:
    """What `spokes` cost that compute `metrics` each, `runs_a_day`; one alarm is one alarm metric."""
    runs = spokes * runs_a_day * DAYS
    events = runs * (metrics + 1)  # a result each, and one run event
    sent = (events + runs) * 2 * EVENT  # values and refreshes: put on one bus, delivered to another account's
    queued = events * 3 * QUEUE_CALL  # sent, received, deleted
    # History and its index, the latest value, and the spoke's item: a unit for each KB.
    written = events * 4 * ITEM_KB * WRITE_UNIT + runs * READ_UNIT
    computed = (runs + events) * INVOCATION + (
        runs * EXTRACTION_SECONDS * EXTRACTION_GB + events * ARCHIVE_SECONDS * ARCHIVE_GB
    ) * GB_SECOND
    logged = runs * 2 * LOG_KB / MILLION * LOG_GB
    # A year of history is stored, twice for its index.
    stored = events * 12 * 2 * ITEM_KB / MILLION * STORED_GB
    return Month(
        hub=HUB_ALARMS * ALARM + HUB_METRICS * CUSTOM_METRIC + IDLE_QUEUE_CALLS * QUEUE_CALL,
        spokes=spokes * SPOKE_ALARMS * ALARM,
        traffic=sent + queued + written + computed + logged + stored,
    )


def table() -> str:
    """The table of the README, in Markdown."""
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
    """Print the table and where the prices come from."""
    sys.stdout.write(table() + "\n")
    for service, source in SOURCES.items():
        sys.stdout.write(f"{service}: {source}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
