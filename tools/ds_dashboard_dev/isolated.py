"""Programs of Python that get an environment of their own, since their dependencies would be in the way of ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ds_dashboard_dev.terraform import CHECKOUT, say

TOOLS = CHECKOUT / ".tools"


class Missing(Exception):
    """A program that is not here and could not be installed; the message says how to get it."""


def program(name: str, page: str) -> Path:
    """The path of `name`, installed from `requirements/<name>.txt`, once, into the ignored folder.

    Raises:
        Missing: its packages could not be had.
    """
    folder = TOOLS / name
    stamp = folder / "requirements.txt"
    requirements = CHECKOUT / "requirements" / f"{name}.txt"
    wanted = requirements.read_text()
    path = folder / "bin" / name
    if path.is_file() and stamp.is_file() and stamp.read_text() == wanted:
        return path
    say(f"installing {name} into an environment of its own (a minute, once) ...")
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    venv = [sys.executable, "-m", "venv", str(folder)]
    for command in (venv, [*pip, "--require-hashes", "-r", str(requirements)]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Missing(f"install {name} ({page}); its packages could not be had: {done.stderr.strip()[-300:]}")
    stamp.write_text(wanted)
    return path
