"""Terraform for the demo and the tests: which binary runs, and where it takes the AWS provider from.

Environment variables, all optional:
    DS_DASHBOARD_PLUGIN_MIRROR       a folder that holds `registry.terraform.io/`, where the registry is out of reach
    DS_DASHBOARD_TERRAFORM_DOWNLOAD  `no` refuses the download of Terraform where it is missing
    DS_DASHBOARD_TERRAFORM_URL       where Terraform's releases are served, for machines behind a mirror
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ds_dashboard_dev import terraform_download
from ds_dashboard_dev.failure import Failure

CHECKOUT = Path(__file__).resolve().parents[2]
MINIMUM = (1, 9)
REGISTRY = "registry.terraform.io"


def say(text: str) -> None:
    """Progress and explanations go to standard error; standard output is for data."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


@functools.cache
def find_terraform() -> Path:
    """The Terraform to run: the one on the PATH, else the pinned one, downloaded where need be.

    Raises:
        Failure: there is none, and it could not be downloaded or the user refused that.
    """
    on_path = shutil.which("terraform")
    if on_path is not None:
        version = _version(Path(on_path))
        if version >= MINIMUM:
            return Path(on_path)
        say(f"{on_path} is Terraform {'.'.join(map(str, version))}, and 1.9 is the oldest that works: not used.")
    return terraform_download.ensure(CHECKOUT / ".tools" / "terraform", say)


def _version(binary: Path) -> tuple[int, ...]:
    done = subprocess.run([binary, "version", "-json"], capture_output=True, text=True, check=False)
    try:
        # A missing CLI configuration file is warned of on the same stream, before the JSON.
        document = json.loads(done.stdout[done.stdout.index("{") :])
    except ValueError:
        raise Failure(
            f"{binary} does not say its version: {(done.stderr or done.stdout).strip()[:200]}",
            cure="Repair that installation, or take it off the PATH; `make setup` then gets the pinned one.",
        ) from None
    return tuple(int(part) for part in re.findall(r"\d+", document["terraform_version"])[:3])


def _implied_mirrors(env: Mapping[str, str]) -> Iterator[Path]:
    """Terraform's implied mirror directories, then the places where images put a mirror.

    Source: Terraform CLI documentation, "Implied Local Mirror Directories".
    """
    home = Path(env.get("HOME", "~")).expanduser()
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
            yield from sorted(found.parent for found in parent.glob(depth + REGISTRY))


def _holds_provider(folder: Path) -> bool:
    return (folder / REGISTRY / "hashicorp" / "aws").is_dir()


@functools.cache
def _registry_answers() -> bool:
    try:
        with urllib.request.urlopen(f"https://{REGISTRY}/.well-known/terraform.json", timeout=5):
            return True
    except (OSError, urllib.error.URLError):
        return False


def _user_configures_installation(env: Mapping[str, str]) -> bool:
    config = Path(env.get("TF_CLI_CONFIG_FILE") or Path(env.get("HOME", "~")).expanduser() / ".terraformrc")
    return config.is_file() and "provider_installation" in config.read_text(errors="replace")


@functools.cache
def provider_mirror() -> Path | None:
    """The folder to pass as `terraform init -plugin-dir`; `None` means that plain `terraform init` does it.

    Raises:
        Failure: the registry cannot be reached and no mirror was found, or the named mirror is none.
    """
    env = os.environ
    named = env.get("DS_DASHBOARD_PLUGIN_MIRROR")
    if named:
        if not _holds_provider(Path(named)):
            raise Failure(
                f"DS_DASHBOARD_PLUGIN_MIRROR names {named}, which holds no {REGISTRY}/hashicorp/aws.",
                cure=f"Make one with `terraform providers mirror {named}` where the registry can be reached.",
            )
        say(f"AWS provider: from the mirror {named} (DS_DASHBOARD_PLUGIN_MIRROR).")
        return Path(named).resolve()
    if _user_configures_installation(env) or _registry_answers():
        say(f"AWS provider: as your Terraform is configured, from {REGISTRY} by default.")
        return None
    for folder in _implied_mirrors(env):
        if _holds_provider(folder):
            say(f"AWS provider: {REGISTRY} cannot be reached, so from the mirror found in {folder}.")
            return folder
    raise Failure(
        f"{REGISTRY} cannot be reached, and no mirror of the AWS provider was found on this machine.",
        cure="Allow HTTPS to it, or run `terraform providers mirror DIR` where it can be reached, bring DIR here "
        "and set DS_DASHBOARD_PLUGIN_MIRROR=DIR.",
    )


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The environment for a Terraform run: this process's own without its AWS settings, and `extra`.

    The demo and the tests never touch the AWS account that a user is logged in to.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    # Memory for time: the provider's schema, read at every launch, is most of what Go collects over and over.
    collect = {"GOGC": own.get("GOGC", "400")}
    env = {**own, **collect, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", **extra}
    if provider_mirror() is None and "TF_PLUGIN_CACHE_DIR" not in env:
        # The provider is 600 MB: download it once, not once a root module.
        cache = CHECKOUT / ".tools" / "plugin-cache"
        cache.mkdir(parents=True, exist_ok=True)
        env["TF_PLUGIN_CACHE_DIR"] = str(cache)
        env["TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE"] = "1"
    return env


def run(
    root: Path, *args: str, env: Mapping[str, str], timeout: float = 900, check: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run `terraform ARGS` in `root` and return what it printed.

    Raises:
        Failure: Terraform failed and `check` is set; the message carries Terraform's own.
    """
    command: Sequence[str] = [str(find_terraform()), *args]
    done = subprocess.run(
        command, cwd=root, env=environment(env), capture_output=True, text=True, timeout=timeout, check=False
    )
    if check and done.returncode != 0:
        raise Failure(
            f"terraform {' '.join(args)} failed in {root.name}:\n{done.stderr.strip() or done.stdout.strip()}",
            cure="Terraform's own message above names the resource.",
        )
    return done


def init(root: Path, *, env: Mapping[str, str] | None = None) -> None:
    """`terraform init` in `root`, from the registry or from the mirror found.

    Raises:
        Failure: the provider could not be had.
    """
    mirror = provider_mirror()
    from_mirror = [] if mirror is None else [f"-plugin-dir={mirror}"]
    run(root, "init", "-input=false", "-no-color", *from_mirror, env=env or {})
