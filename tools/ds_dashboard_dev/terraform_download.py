"""The pinned Terraform, downloaded and checked against its published checksum, for machines that have none."""

from __future__ import annotations

import hashlib
import io
import os
import platform
import stat
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path

from ds_dashboard_dev.failure import Failure

VERSION = "1.11.4"
RELEASES = "https://releases.hashicorp.com/terraform"
_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_BY_HAND = (
    "Install Terraform 1.9 or newer by hand (https://developer.hashicorp.com/terraform/install), "
    "put it on the PATH, or name a server with the releases in DS_DASHBOARD_TERRAFORM_URL."
)


def ensure(folder: Path, say: Callable[[str], None]) -> Path:
    """The path of the pinned Terraform below `folder`, downloaded first where it is not there yet.

    Raises:
        Failure: the user refused the download, the server failed, or the checksum differs.
    """
    binary = folder / VERSION / "terraform"
    if binary.is_file():
        return binary
    base = (os.environ.get("DS_DASHBOARD_TERRAFORM_URL") or RELEASES).rstrip("/")
    archive = f"terraform_{VERSION}_{_platform()}.zip"
    url = f"{base}/{VERSION}/{archive}"
    if os.environ.get("DS_DASHBOARD_TERRAFORM_DOWNLOAD", "yes").lower() in {"no", "0", "false"}:
        raise Failure(
            "Terraform is not on the PATH, and DS_DASHBOARD_TERRAFORM_DOWNLOAD=no refuses its download.", cure=_BY_HAND
        )
    say(f"Terraform is not on the PATH: downloading {url} into {folder.name}/ of this checkout's .tools.")
    say("  (DS_DASHBOARD_TERRAFORM_DOWNLOAD=no refuses this.)")
    content = _get(url)
    _check(content, archive, _get(f"{base}/{VERSION}/terraform_{VERSION}_SHA256SUMS").decode())
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        program = bundle.read("terraform")
    binary.parent.mkdir(parents=True, exist_ok=True)
    # Written beside and moved, so that a broken download never looks like an installed Terraform.
    beside = binary.with_suffix(".part")
    beside.write_bytes(program)
    beside.chmod(beside.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    beside.replace(binary)
    return binary


def _platform() -> str:
    machine = platform.machine().lower()
    if machine not in _ARCHITECTURES:
        raise Failure(f"No Terraform build is known for the processor {machine!r}.", cure=_BY_HAND)
    return f"{platform.system().lower()}_{_ARCHITECTURES[machine]}"


def _get(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            content: bytes = answer.read()
            return content
    except (OSError, urllib.error.URLError, ValueError) as error:
        raise Failure(f"{url} could not be downloaded: {error}", cure=_BY_HAND) from None


def _check(content: bytes, archive: str, published: str) -> None:
    sums = {name.lstrip("*"): digest for digest, _, name in (line.partition("  ") for line in published.splitlines())}
    expected = sums.get(archive)
    actual = hashlib.sha256(content).hexdigest()
    if expected != actual:
        raise Failure(
            f"{archive} has the SHA-256 {actual}, its published checksum is {expected or 'missing'}. It was not kept.",
            cure="Try again; if it stays so, the server or something on the way to it changes the file. " + _BY_HAND,
        )
