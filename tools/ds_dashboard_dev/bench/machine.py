"""The machine that figures were measured on."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from ds_dashboard_dev import terraform
from ds_dashboard_dev.failure import Failure


def description() -> dict[str, str]:
    """What a reader needs to compare the figures with his own: name of a fact -> the fact."""
    return {
        "Measured": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "Processor": _processor(),
        "Cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "Load before": _load(),
        "Memory": _memory(),
        "System": f"{platform.system()} {platform.release()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "boto3": importlib.metadata.version("boto3"),
        "Terraform": _terraform(),
    }


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found.group(1) if found else platform.processor() or platform.machine()


def _load() -> str:
    """How many programs ran or waited in the last minute: above the cores, figures are worse than they need be."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    except (ValueError, OSError):
        return "unknown"


def _terraform() -> str:
    try:
        done = subprocess.run([terraform.find_terraform(), "version", "-json"], capture_output=True, text=True)
        return str(json.loads(done.stdout[done.stdout.index("{") :])["terraform_version"])
    except (Failure, ValueError):
        return "none"
