"""`make bench`: measure the figures of the system, and compare each with its aim."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ds_dashboard_dev.bench import handlers, installation, library, pages, report
from ds_dashboard_dev.bench.report import Figure
from ds_dashboard_dev.checkout import Failure, say
from ds_dashboard_local import LocalCloudError


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark: its title, the function that runs it, and whether it needs Terraform and the local cloud."""

    title: str
    measure: Callable[[bool], list[Figure]]
    terraform: bool = False


BENCHMARKS: Mapping[str, Benchmark] = {
    "extract": Benchmark("extraction of 20 metrics, 50 ms per call", handlers.measure_extraction),
    "unchanged": Benchmark("extraction of unchanged metrics by an earlier revision", library.measure_unchanged),
    "library": Benchmark("the library of metrics, with 100,000 training jobs", library.measure_library),
    "archive": Benchmark("archived events per second, 5 ms per call", handlers.measure_archive),
    "coldstart": Benchmark("cold start of each handler, compared with bare boto3", handlers.measure_cold_start),
    "pages": Benchmark("pages of a hub with 100,000 series", pages.measure_pages),
    "package": Benchmark("size of the package", handlers.measure_package),
    "plan": Benchmark("plans of a spoke and of connections", installation.measure_plans, terraform=True),
    "refresh": Benchmark(
        "refresh to table, two spokes in the local cloud", installation.measure_refresh, terraform=True
    ),
}
_EPILOG = f"""benchmarks:
{chr(10).join(f"  {name:10} {benchmark.title}" for name, benchmark in BENCHMARKS.items())}

examples:
  make bench                                                        all benchmarks, about ten minutes
  python -m ds_dashboard_dev.bench coldstart extract                two benchmarks
  python -m ds_dashboard_dev.bench --quick --json > figures.json    without Terraform, for programs
  python -m ds_dashboard_dev.bench --write docs/benchmarks.md       also writes the document

The report shows missed aims, and the exit code is still 0. The exit code is 1 if something could not be measured.
"""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m ds_dashboard_dev.bench",
        description=__doc__,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", metavar="BENCHMARK", nargs="*", help="which benchmarks to run (default: all)")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, and no benchmark that needs Terraform")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--write", metavar="FILE", type=Path, help="also write the figures into this Markdown file")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)}. The benchmarks are {', '.join(BENCHMARKS)}")
    return arguments


def measure(names: Sequence[str], *, quick: bool) -> list[Figure]:
    """Run benchmarks one after another, with progress on standard error.

    Args:
        names: Of the benchmarks; if empty, all of them.
        quick: Fewer repetitions. If `names` is empty, also without the benchmarks that need Terraform.
    """
    chosen = [name for name in names or BENCHMARKS if names or not (quick and BENCHMARKS[name].terraform)]
    figures: list[Figure] = []
    for number, name in enumerate(chosen, 1):
        started = time.monotonic()
        say(f"{number}/{len(chosen)}  {BENCHMARKS[name].title} ...")
        figures += BENCHMARKS[name].measure(quick)
        say(f"     done in {time.monotonic() - started:.0f} s")
    return figures


def main() -> int:
    """Run the benchmarks that the command line names, and return the exit code."""
    arguments = _arguments()
    try:
        facts = report.machine()
        figures = measure(arguments.names, quick=arguments.quick)
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
