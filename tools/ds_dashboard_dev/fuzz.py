"""`make fuzz MINUTES=n`: the property-based tests with random examples, round after round, until the time is up.

Each round has a seed of its own, which counts up from the first; what a round finds, its seed finds again.

  .venv/bin/python -m ds_dashboard_dev.fuzz --minutes 10
  .venv/bin/python -m ds_dashboard_dev.fuzz --seed 12345           one round, the one with this seed
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time

from ds_dashboard_dev.terraform import CHECKOUT, say

_COMMAND = ".venv/bin/python -m ds_dashboard_dev.fuzz"


def round_of(seed: int) -> subprocess.CompletedProcess[str]:
    """Run every test of tests/fuzz with examples from `seed`, many more than in the suite."""
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
    """Run rounds from `seed` on until `minutes` have passed, at least one; returns the exit code."""
    begun = time.monotonic()
    rounds = 0
    while rounds == 0 or time.monotonic() - begun < 60 * minutes:
        done = round_of(seed + rounds)
        passed = (time.monotonic() - begun) / 60
        last = (done.stdout.strip().splitlines() or ["no output"])[-1]
        say(f"seed {seed + rounds}: {last} ({passed:.1f} of {minutes:g} minutes)")
        if done.returncode != 0:
            say(done.stdout + done.stderr)
            say(f"Found something. Once more: {_COMMAND} --seed {seed + rounds}")
            return 1
        rounds += 1
    say(f"Nothing found in {rounds} rounds, seeds {seed} to {seed + rounds - 1}.")
    return 0


def main() -> int:
    """Read the command line, and fuzz."""
    parser = argparse.ArgumentParser(
        prog=_COMMAND, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=0, help="how long; the last round is finished (one round)")
    parser.add_argument("--seed", type=int, help="of the first round (random)")
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
