"""`make fuzz MINUTES=n`: run the property-based tests with random examples, in rounds, until the time is up.

Each round has its own seed, one higher than the last. The same seed generates the same examples again.

  .venv/bin/python -m ds_dashboard_dev.fuzz --minutes 10
  .venv/bin/python -m ds_dashboard_dev.fuzz --seed 12345           one round, with this seed
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time

from ds_dashboard_dev.checkout import CHECKOUT, say

_COMMAND = ".venv/bin/python -m ds_dashboard_dev.fuzz"


def run_round(seed: int) -> subprocess.CompletedProcess[str]:
    """Run every test of tests/fuzz with the examples of `seed`, many more than `make test` runs."""
    options = ["-q", "-p", "no:cacheprovider", "--show-capture=no", "--tb=short", f"--hypothesis-seed={seed}"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "tests/fuzz", *options],
        cwd=CHECKOUT,
        env={**os.environ, "DS_DASHBOARD_FUZZ_PROFILE": "long"},
        capture_output=True,
        text=True,
        check=False,
    )


def fuzz(seed: int, minutes: float) -> int:
    """Run rounds, at least one, until `minutes` have passed or a test fails; return the exit code."""
    started = time.monotonic()
    rounds = 0
    while rounds == 0 or time.monotonic() - started < 60 * minutes:
        done = run_round(seed + rounds)
        passed = (time.monotonic() - started) / 60
        last = (done.stdout.strip().splitlines() or ["no output"])[-1]
        say(f"seed {seed + rounds}: {last} ({passed:.1f} of {minutes:g} minutes)")
        if done.returncode != 0:
            say(done.stdout + done.stderr)
            say(f"A test failed. Run it again: {_COMMAND} --seed {seed + rounds}")
            return 1
        rounds += 1
    say(f"No failure in {rounds} rounds, seeds {seed} to {seed + rounds - 1}.")
    return 0


def main() -> int:
    """Run the rounds that the command line asks for, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog=_COMMAND, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--minutes", type=float, default=0, help="how long to run; the last round is finished (default: one round)"
    )
    parser.add_argument("--seed", type=int, help="the seed of the first round (default: random)")
    given = parser.parse_args()
    seed = random.randrange(10**9) if given.seed is None else given.seed
    say(f"Fuzzing from seed {seed}.")
    try:
        return fuzz(seed, given.minutes)
    except KeyboardInterrupt:
        say("Stopped.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
