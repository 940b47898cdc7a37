"""`make soak MINUTES=n`: inject random faults into a deployed hub, and account for thousands of events per minute.

Exit codes: 0 if every event is where it belongs; 1 if one is lost, duplicated or unexpected, with the seed that
repeats the run; 2 if the soak could not be run.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table

from ds_dashboard_dev.checkout import Failure, say
from ds_dashboard_dev.soak.run import Run
from ds_dashboard_dev.testing.ledger import Totals
from ds_dashboard_dev.testing.pair import Pair
from ds_dashboard_local import LocalCloud, LocalCloudError

_MAX_SHOWN = 20


def main() -> int:
    """Run the soak, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m ds_dashboard_dev.soak",
        description=__doc__,
        epilog="example: python -m ds_dashboard_dev.soak --minutes 60 --events 100000 --seed 1",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--minutes", type=float, default=5, help="how long to send events (default: 5)")
    parser.add_argument("--events", type=int, help="stop after this number of events, if that is sooner")
    parser.add_argument("--seed", type=int, help="the seed of faults and events (default: random)")
    arguments = parser.parse_args()
    seed = random.randrange(1_000_000) if arguments.seed is None else arguments.seed
    again = f"python -m ds_dashboard_dev.soak --minutes {arguments.minutes:g} --seed {seed}"
    again += f" --events {arguments.events}" if arguments.events else ""
    say(f"seed {seed}; to repeat: {again}")
    try:
        with LocalCloud() as cloud, tempfile.TemporaryDirectory(prefix="soak-") as folder:
            say("applying a hub and two spokes (a minute or two) ...")
            pair = Pair(cloud, Path(folder))
            pair.build()
            pair.apply()
            pair.register_projects()
            run = Run(pair, seed)
            started = time.monotonic()
            run.soak(arguments.minutes * 60, arguments.events)
            run.recover()
            return _report_outcome(run, seed, time.monotonic() - started, again)
    except (Failure, LocalCloudError, ClientError, BotoCoreError) as error:
        say(f"The soak could not be run: {error}")
        return 2
    except KeyboardInterrupt:
        say("Stopped.")
        return 130


def _report_outcome(run: Run, seed: int, seconds: float, again: str) -> int:
    totals = run.ledger.totals()
    discrepancies = run.ledger.discrepancies()
    _print_totals(
        totals, f"{run.faults} faults in {seconds / 60:.1f} minutes on {os.cpu_count()} cores", f"seed {seed}"
    )
    if totals.sound and not discrepancies:
        return 0
    for line in discrepancies[:_MAX_SHOWN]:
        say(line[:400])
    say(f"{len(discrepancies)} discrepancies. To repeat the run: {again}")
    return 1


def _print_totals(totals: Totals, title: str, label: str) -> None:
    table = Table(title=title)
    table.add_column("")
    for name in asdict(totals):
        table.add_column(name.replace("_", " "), justify="right")
    table.add_row(label, *(f"{count:,}" for count in asdict(totals).values()))
    # Wide enough for all columns, even if the output is a file.
    Console(file=sys.stdout, width=160).print(table)


if __name__ == "__main__":
    sys.exit(main())
