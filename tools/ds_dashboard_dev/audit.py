"""`make audit`: known vulnerabilities in the pinned packages, according to the Python Packaging Advisory Database.

The Lambda package contains no dependencies. The packages that are audited run on the machines of developers and
operators. A package that could not be looked up is counted separately, because nothing is known about it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from ds_dashboard_dev.checkout import CHECKOUT, ProgramMissing, install_python_program, say

_OPTIONS = ["--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off"]
_TIMEOUT_SECONDS = 300


def report(name: str, answer: dict[str, Any]) -> bool:
    """Print what pip-audit found in one list of packages.

    Args:
        name: The name of the list.
        answer: The JSON document that pip-audit printed.

    Returns:
        Whether a package has a known vulnerability.
    """
    packages = answer["dependencies"]
    vulnerable = [package for package in packages if package.get("vulns")]
    unknown = [package for package in packages if "skip_reason" in package]
    for package in vulnerable:
        for found in package["vulns"]:
            fixed = f"; fixed in {', '.join(found['fix_versions'])}" if found["fix_versions"] else ""
            say(f"{name}: {package['name']} {package['version']} has {found['id']}{fixed}")
    say(
        f"{name}: {len(packages)} packages, {len(vulnerable)} with known vulnerabilities, "
        f"{len(unknown)} could not be looked up"
    )
    return bool(vulnerable)


def _audit(pip_audit: Path, requirements: Path) -> bool:
    command = [str(pip_audit), "--requirement", str(requirements), *_OPTIONS]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_TIMEOUT_SECONDS)
        return report(requirements.name, json.loads(done.stdout))
    except (subprocess.TimeoutExpired, ValueError):
        say(f"{requirements.name}: not audited, the database of vulnerabilities (pypi.org) cannot be reached")
        return False


def main() -> int:
    """Audit every list of pinned packages; return 1 if one has a known vulnerability."""
    try:
        pip_audit = install_python_program("pip-audit", "https://pypi.org/project/pip-audit")
    except ProgramMissing as reason:
        say(f"not audited: {reason}")
        return 0
    found = [_audit(pip_audit, requirements) for requirements in sorted((CHECKOUT / "requirements").glob("*.txt"))]
    return 1 if any(found) else 0


if __name__ == "__main__":
    sys.exit(main())
