"""Measure the system's figures, and show each beside its aim."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ds_dashboard_dev.bench import archive, coldstart, extraction, machine, package, plan, refresh, report
from ds_dashboard_dev.bench.figure import Figure
from ds_dashboard_dev.failure import Failure
from ds_dashboard_dev.terraform import say
from ds_dashboard_local import LocalCloudError


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark: what it is about, what runs it, and whether it needs Terraform and the local cloud."""

    title: str
    measure: Callable[[bool], list[Figure]]
    terraform: bool = False


BENCHMARKS: Mapping[str, Benchmark] = {
    "extract": Benchmark(extraction.TITLE, extraction.measure),
    "archive": Benchmark(archive.TITLE, archive.measure),
    "coldstart": Benchmark(coldstart.TITLE, coldstart.measure),
    "package": Benchmark(package.TITLE, package.measure),
    "plan": Benchmark(plan.TITLE, plan.measure, terraform=True),
    "refresh": Benchmark(refresh.TITLE, refresh.measure, terraform=True),
}
_EPILOG = f"""benchmarks:
{chr(10).join(f"  {name:10} {benchmark.title}" for name, benchmark in BENCHMARKS.items())}

examples:
  make bench                                                        all of it, about six minutes
  python -m ds_dashboard_dev.bench coldstart extract                two of them
  python -m ds_dashboard_dev.bench --quick --json > figures.json    without Terraform, for programs
  python -m ds_dashboard_dev.bench --write docs/benchmarks.md       into the document too

An aim that is missed is shown, and is no error: the exit code is 0. It is 1 where something could not be measured.
"""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m ds_dashboard_dev.bench",
        description=__doc__,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", metavar="BENCHMARK", nargs="*", help="which ones; without a name, all")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, and those with Terraform left out")
    parser.add_argument("--json", action="store_true", help="JSON instead of a table")
    parser.add_argument("--write", metavar="FILE", type=Path, help="also put the figures into this Markdown file")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    return arguments


def measured(names: Sequence[str], *, quick: bool) -> list[Figure]:
    """Run benchmarks one after another, saying on standard error which; none named means all."""
    chosen = [name for name in names or BENCHMARKS if names or not (quick and BENCHMARKS[name].terraform)]
    figures: list[Figure] = []
    for number, name in enumerate(chosen, 1):
        begun = time.monotonic()
        say(f"{number}/{len(chosen)}  {BENCHMARKS[name].title} ...")
        figures += BENCHMARKS[name].measure(quick)
        say(f"     done in {time.monotonic() - begun:.0f} s")
    return figures


def main() -> int:
    """Measure what the command line names; returns the exit code."""
    arguments = _arguments()
    try:
        facts = machine.description()
        figures = measured(arguments.names, quick=arguments.quick)
        if arguments.json:
            json.dump(report.document(facts, figures), sys.stdout, indent=2)
            sys.stdout.write("\n")
        else:
            report.show(facts, figures)
        if arguments.write:
            report.write(arguments.write, facts, figures)
    except (Failure, LocalCloudError) as error:
        say(f"The benchmark failed. {error}")
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
