"""`make audit`: known faults in what is pinned, as the Python Packaging Advisory Database has them.

Nothing is vendored into the Lambda package; what is checked runs on developers' and operators' machines. A package
that could not be looked up is not a package without faults: it is said, and counted.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from ds_dashboard_dev.isolated import Missing, program
from ds_dashboard_dev.terraform import CHECKOUT, say

_OPTIONS = ["--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off"]
_SECONDS = 300


def told(name: str, answer: dict[str, Any]) -> bool:
    """Say what pip-audit found in one list of packages; returns whether it has known faults."""
    packages = answer["dependencies"]
    faulty = [package for package in packages if package.get("vulns")]
    unknown = [package for package in packages if "skip_reason" in package]
    for package in faulty:
        for fault in package["vulns"]:
            mended = f"; mended in {', '.join(fault['fix_versions'])}" if fault["fix_versions"] else ""
            say(f"{name}: {package['name']} {package['version']} has {fault['id']}{mended}")
    say(f"{name}: {len(packages)} packages, {len(faulty)} with known faults, {len(unknown)} could not be looked up")
    return bool(faulty)


def _audit(tool: Path, requirements: Path) -> bool | None:
    """Whether a list has known faults; None where that could not be found out."""
    command = [str(tool), "--requirement", str(requirements), *_OPTIONS]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)
        return told(requirements.name, json.loads(done.stdout))
    except (subprocess.TimeoutExpired, ValueError):
        say(f"{requirements.name}: not checked, the database of faults (pypi.org) cannot be reached")
        return None


def main() -> int:
    """Returns 1 where something has known faults."""
    try:
        tool = program("pip-audit", "https://pypi.org/project/pip-audit")
    except Missing as reason:
        say(f"not checked: {reason}")
        return 0
    found = [_audit(tool, requirements) for requirements in sorted((CHECKOUT / "requirements").glob("*.txt"))]
    return 1 if any(found) else 0


if __name__ == "__main__":
    sys.exit(main())
