"""Install Chromium with the system's package manager, for the tests of the pages: `make setup-browser`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import click

OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """Return the path of a browser for the tests; None if there is none."""
    return os.environ.get("DS_DASHBOARD_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)


def main() -> int:
    """Install Chromium unless there is a browser, and return the exit code."""
    if found := find():
        click.echo(f"The tests of the pages use {found}.")
        return 0
    apt = shutil.which("apt-get")
    rights = [] if os.geteuid() == 0 else [shutil.which("sudo") or ""]
    if apt is None or "" in rights:
        click.echo(
            "No Chromium is installed, and this machine has no apt-get, or no right to use it. Install Chromium, "
            "or set DS_DASHBOARD_BROWSER to its path. Without it, the tests of the pages are skipped.",
            err=True,
        )
        return 1
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
        done = subprocess.run([*rights, apt, *words], stdout=subprocess.DEVNULL)
        if done.returncode:
            click.echo(f"apt-get {words[0]} has failed. The tests of the pages are skipped.", err=True)
            return 1
    click.echo(f"The tests of the pages use {find()}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
