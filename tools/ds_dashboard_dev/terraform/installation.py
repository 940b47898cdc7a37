"""Which Terraform runs, and where it gets the AWS provider: downloaded where allowed, from a mirror where necessary."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import os
import platform
import re
import shutil
import stat
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ds_dashboard_dev.checkout import CHECKOUT, TOOLS, Failure, say

MINIMUM = (1, 9)
REGISTRY = "registry.terraform.io"
_OPENTOFU_REGISTRY = "registry.opentofu.org"
# What is downloaded on a machine without Terraform.
PINNED = "1.11.4"
_RELEASES = "https://releases.hashicorp.com/terraform"
_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_INSTALL = (
    "Install Terraform 1.9 or newer by hand (https://developer.hashicorp.com/terraform/install) and put it on the "
    "PATH, or set DS_DASHBOARD_TERRAFORM_URL to a server that has the releases."
)


@functools.cache
def find_terraform() -> Path:
    """Return the Terraform to run: the one on the PATH if it is new enough, otherwise the pinned one.

    Raises:
        Failure: No Terraform was found, and the pinned one could not be downloaded or the user disabled that. Or
            DS_DASHBOARD_TERRAFORM names a program that is not on the PATH.
    """
    named = os.environ.get("DS_DASHBOARD_TERRAFORM")
    if named:
        program = shutil.which(named)
        if program is None:
            raise Failure(
                f"DS_DASHBOARD_TERRAFORM is {named}, which is not on the PATH.", fix="Install it, or unset it."
            )
        return Path(program)
    on_path = shutil.which("terraform")
    if on_path is not None:
        version = terraform_version(Path(on_path))
        if tuple(map(int, re.findall(r"\d+", version)[:3])) >= MINIMUM:
            return Path(on_path)
        say(f"{on_path} is Terraform {version}. The oldest supported version is 1.9, so it is not used.")
    return download(TOOLS / "terraform", say)


def terraform_version(binary: Path) -> str:
    """Return the version of a Terraform or OpenTofu binary, such as `1.11.4`.

    Raises:
        Failure: The binary does not print a version.
    """
    done = subprocess.run([binary, "version", "-json"], capture_output=True, text=True, check=False)
    try:
        # A warning about a missing CLI configuration file comes first, on the same stream.
        document = json.loads(done.stdout[done.stdout.index("{") :])
    except ValueError:
        raise Failure(
            f"{binary} does not print its version: {(done.stderr or done.stdout).strip()[:200]}",
            fix="Repair that installation, or remove it from the PATH; `make setup` then installs the pinned version.",
        ) from None
    return str(document["terraform_version"])


def download(folder: Path, say: Callable[[str], None]) -> Path:
    """Return the path of the pinned Terraform below `folder`. Download it first if it is missing.

    The download is compared with its published checksum.

    Raises:
        Failure: The user disabled the download, the server failed, or the checksum differs.
    """
    binary = folder / PINNED / "terraform"
    if binary.is_file():
        return binary
    base = (os.environ.get("DS_DASHBOARD_TERRAFORM_URL") or _RELEASES).rstrip("/")
    archive = f"terraform_{PINNED}_{_platform()}.zip"
    url = f"{base}/{PINNED}/{archive}"
    if os.environ.get("DS_DASHBOARD_TERRAFORM_DOWNLOAD", "yes").lower() in {"no", "0", "false"}:
        raise Failure(
            "Terraform is not on the PATH, and DS_DASHBOARD_TERRAFORM_DOWNLOAD=no disables its download.", fix=_INSTALL
        )
    say(f"Terraform is not on the PATH: downloading {url} into {folder.name}/ of this checkout's .tools.")
    say("  (DS_DASHBOARD_TERRAFORM_DOWNLOAD=no disables this.)")
    content = _get(url)
    _check(content, archive, _get(f"{base}/{PINNED}/terraform_{PINNED}_SHA256SUMS").decode())
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        program = bundle.read("terraform")
    binary.parent.mkdir(parents=True, exist_ok=True)
    # Written to another name and then renamed, so that an interrupted download never looks like an installation.
    part = binary.with_suffix(".part")
    part.write_bytes(program)
    part.chmod(part.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    part.replace(binary)
    return binary


def _platform() -> str:
    machine = platform.machine().lower()
    if machine not in _ARCHITECTURES:
        raise Failure(f"Terraform is not built for the processor {machine!r}.", fix=_INSTALL)
    return f"{platform.system().lower()}_{_ARCHITECTURES[machine]}"


def _get(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            content: bytes = answer.read()
            return content
    except (OSError, urllib.error.URLError, ValueError) as error:
        raise Failure(f"{url} could not be downloaded: {error}", fix=_INSTALL) from None


def _check(content: bytes, archive: str, published: str) -> None:
    sums = {name.lstrip("*"): digest for digest, _, name in (line.partition("  ") for line in published.splitlines())}
    expected = sums.get(archive)
    actual = hashlib.sha256(content).hexdigest()
    if expected != actual:
        raise Failure(
            f"{archive} has the SHA-256 {actual}, but its published checksum is {expected or 'missing'}. "
            "The file was discarded.",
            fix=f"Try again. If it fails again, the server or a proxy changes the file. {_INSTALL}",
        )


@functools.cache
def provider_mirror() -> Path | None:
    """Return the folder for `terraform init -plugin-dir`, or `None` if plain `terraform init` works.

    Raises:
        Failure: The registry cannot be reached and no mirror was found, or DS_DASHBOARD_PLUGIN_MIRROR names a folder
            without the AWS provider.
    """
    env, registry = os.environ, _registry()
    named = env.get("DS_DASHBOARD_PLUGIN_MIRROR")
    if named:
        if not _has_provider(Path(named), registry):
            raise Failure(
                f"DS_DASHBOARD_PLUGIN_MIRROR is {named}, which does not contain {registry}/hashicorp/aws.",
                fix="Create it with `terraform providers mirror DIR` on a machine with access to the registry.",
            )
        say(f"AWS provider: from the mirror {named} (DS_DASHBOARD_PLUGIN_MIRROR).")
        return Path(named).resolve()
    if _user_configures_installation(env) or _registry_is_reachable(registry):
        say(f"AWS provider: as your Terraform is configured, by default from {registry}.")
        return None
    for folder in _implied_mirrors(env, registry):
        if _has_provider(folder, registry):
            say(f"AWS provider: {registry} cannot be reached, so from the mirror in {folder}.")
            return folder
    raise Failure(
        f"{registry} cannot be reached, and this machine has no mirror of the AWS provider.",
        fix="Allow HTTPS to the registry. Or run `terraform providers mirror DIR` on a machine with access, copy DIR "
        "to this machine, and set DS_DASHBOARD_PLUGIN_MIRROR=DIR.",
    )


def _registry() -> str:
    """Return the registry that `init` asks for providers without a host name, such as `hashicorp/aws`."""
    program = Path(os.environ.get("DS_DASHBOARD_TERRAFORM", "terraform")).name
    return _OPENTOFU_REGISTRY if program.startswith("tofu") else REGISTRY


def _implied_mirrors(env: Mapping[str, str], registry: str) -> Iterator[Path]:
    """Yield Terraform's implied mirror directories, then the places where machine images often have a mirror.

    Source: Terraform CLI documentation, "Implied Local Mirror Directories".
    """
    home = Path(os.path.expanduser(env.get("HOME", "~")))
    yield CHECKOUT / "terraform.d" / "plugins"
    yield home / ".terraform.d" / "plugins"
    if sys.platform == "darwin":
        yield home / "Library" / "Application Support" / "io.terraform" / "plugins"
    data_home = env.get("XDG_DATA_HOME") or str(home / ".local" / "share")
    data_dirs = env.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    for folder in [data_home, *data_dirs.split(":")]:
        yield Path(folder) / "terraform" / "plugins"
    for parent in (Path("/opt"), Path("/usr/local/share")):
        for depth in ("", "*/", "*/*/"):
            yield from sorted(found.parent for found in parent.glob(depth + registry))


def _has_provider(folder: Path, registry: str) -> bool:
    return (folder / registry / "hashicorp" / "aws").is_dir()


@functools.cache
def _registry_is_reachable(registry: str) -> bool:
    try:
        with urllib.request.urlopen(f"https://{registry}/.well-known/terraform.json", timeout=5):
            return True
    except (OSError, urllib.error.URLError):
        return False


def _user_configures_installation(env: Mapping[str, str]) -> bool:
    config = Path(env.get("TF_CLI_CONFIG_FILE") or Path(os.path.expanduser(env.get("HOME", "~"))) / ".terraformrc")
    return config.is_file() and "provider_installation" in config.read_text(errors="replace")
