"""What every command of this package shares: the checkout, messages, errors, and the programs it runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
# Ignored by git: downloaded programs, and what the commands write while they run.
TOOLS = CHECKOUT / ".tools"


class Failure(Exception):
    """An error that a command shows without a stack trace: what failed, and how to fix it."""

    def __init__(self, what: str, *, fix: str) -> None:
        super().__init__(f"{what}\n  {fix}")


class ProgramMissing(Exception):
    """A program is not installed and could not be installed. The message says how to install it by hand."""


def say(text: str) -> None:
    """Print progress or an explanation on standard error. Standard output is for data."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def venv_program(name: str) -> Path:
    """Return the path of a program in the virtual environment of this process."""
    return Path(sys.executable).with_name(name)


def run_program(program: str | Path, *arguments: str | Path, env: Mapping[str, str] | None = None) -> str:
    """Run a program in the checkout, and return what it printed.

    Args:
        program: A path, or the name of a program in the virtual environment.
        *arguments: Of the program.
        env: Variables in addition to those of this process.

    Raises:
        Failure: The program failed. The message ends with what it printed on standard error.
    """
    path = venv_program(program) if isinstance(program, str) else program
    done = subprocess.run(
        [path, *arguments], cwd=CHECKOUT, env={**os.environ, **(env or {})}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        command = " ".join([path.name, *map(str, arguments)])
        raise Failure(f"{command} failed: {done.stderr.strip()[-2000:]}", fix="The message above gives the reason.")
    return done.stdout


def build_package(output: Path, *options: str | Path) -> Path:
    """Write the Lambda package to `output`, as `ds-dashboard package` does for a user; return `output`."""
    run_program("ds-dashboard", "package", *options, "-o", output)
    return output


def build_with_metrics(folder: Path, *metric_folders: Path) -> dict[str, str]:
    """Write a manifest and a package with the metrics of this repository and of other folders.

    Args:
        folder: Where to write them.
        metric_folders: The folders with more metrics.

    Returns:
        The Terraform variables `manifest_path` and `package_path`.

    Raises:
        Failure: A metric cannot be loaded, or a name is used twice.
    """
    options = [option for one in metric_folders for option in ("--metrics", one)]
    manifest, package = folder / "metrics.json", folder / "ds_dashboard.zip"
    run_program("ds-dashboard", "manifest", *options, "-o", manifest)
    return {"manifest_path": str(manifest), "package_path": str(build_package(package, *options))}


def report_stale(texts: Mapping[Path, str], command: str, *, check: bool) -> int:
    """Write the generated files that differ from `texts`, or with `check` only name them.

    Args:
        texts: The text that each generated file should have.
        command: The command that writes them.
        check: Write nothing.

    Returns:
        The exit code: 1 if `check` is set and a file is stale.
    """
    stale = [path for path, text in texts.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if not check:
            path.write_text(texts[path], encoding="utf-8")
        say(f"{path.relative_to(CHECKOUT)}: {f'out of date. Run `{command}`.' if check else 'written'}")
    return 1 if check and stale else 0


def install_python_program(name: str, page: str) -> Path:
    """Install a Python program into an environment of its own, because its dependencies conflict with ours.

    The versions come from `requirements/NAME.txt`. The program is installed again when that file changes.

    Args:
        name: Of the program and of its package.
        page: Where to find it, for the error message.

    Raises:
        ProgramMissing: Its packages could not be downloaded.
    """
    folder = TOOLS / name
    stamp = folder / "requirements.txt"
    requirements = CHECKOUT / "requirements" / f"{name}.txt"
    wanted = requirements.read_text()
    path = folder / "bin" / name
    if path.is_file() and stamp.is_file() and stamp.read_text() == wanted:
        return path
    say(f"installing {name} into its own environment (takes a minute, once) ...")
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    venv = [sys.executable, "-m", "venv", str(folder)]
    # Without settings of the user's that install elsewhere.
    own = {name: value for name, value in os.environ.items() if name not in ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT")}
    environment = {**own, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}
    for command in (venv, [*pip, "--require-hashes", "-r", str(requirements)]):
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        if done.returncode != 0:
            raise ProgramMissing(f"install {name} ({page}); pip could not: {done.stderr.strip()[-300:]}")
    stamp.write_text(wanted)
    return path


def install_go_program(name: str, module: str, page: str) -> Path:
    """Return the path of a program written in Go: the one on the PATH, or one that Go builds once.

    Args:
        name: Of the program.
        module: What `go install` builds, with its version.
        page: Where to find it, for the error message.

    Raises:
        ProgramMissing: It is not on the PATH, and Go is missing or could not build it.
    """
    on_path = shutil.which(name)
    if on_path:
        return Path(on_path)
    # The version is part of the path, so that a newer one is built when the pin changes.
    built = TOOLS / "go" / module.rpartition("@")[2] / name
    if built.is_file():
        return built
    go = shutil.which("go")
    if go is None:
        raise ProgramMissing(f"install {name} ({page}), or install Go and this command builds it")
    say(f"building {module} with Go (takes a minute, once) ...")
    done = subprocess.run(
        [go, "install", module],
        env={**os.environ, "GOBIN": str(built.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ProgramMissing(f"install {name} ({page}); Go could not build it: {done.stderr.strip()[-300:]}")
    return built
