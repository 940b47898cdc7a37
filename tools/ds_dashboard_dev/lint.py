"""`make lint`: every check of form and of known faults, each named with how to get it where it cannot run.

Terraform's and Go's linters are installed by themselves where that is possible; a check that cannot run on this
machine is said at the end, and only those are passed over.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ds_dashboard_dev import terraform
from ds_dashboard_dev.failure import Failure
from ds_dashboard_dev.isolated import TOOLS, Missing, program
from ds_dashboard_dev.terraform import CHECKOUT, say

TFLINT = "github.com/terraform-linters/tflint@v0.64.0"
ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.7"
_TERRAFORM = ("modules", "examples")
# Not the examples: they are written as data scientists write, without types.
_PYTHON = ["lambda_src/ds_dashboard", "tools", "tests"]


@dataclass(frozen=True, slots=True)
class Check:
    """A check: its name, and what runs it. It returns the exit code, or raises `Missing`."""

    name: str
    run: Callable[[], int]


def _call(command: Sequence[str | Path], cwd: Path = CHECKOUT) -> int:
    """Run `command`, and show what it printed where it fails."""
    done = subprocess.run(command, cwd=cwd, env=terraform.environment({}), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        say((done.stdout + done.stderr).strip())
    return done.returncode


def _venv(program: str) -> Path:
    return Path(sys.executable).with_name(program)


def _go_tool(name: str, module: str, page: str) -> Path:
    """A linter written in Go: the one on the PATH, else built once into the ignored folder."""
    on_path = shutil.which(name)
    if on_path:
        return Path(on_path)
    built = TOOLS / "go" / name
    if built.is_file():
        return built
    go = shutil.which("go")
    if go is None:
        raise Missing(f"install {name} ({page}), or Go, with which this command builds it")
    say(f"building {module} with Go (a minute, once) ...")
    done = subprocess.run(
        [go, "install", module],
        env={**terraform.environment({}), "GOBIN": str(built.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Missing(f"install {name} ({page}); Go could not build it: {done.stderr.strip()[-300:]}")
    return built


def terraform_roots() -> list[Path]:
    """The folders with Terraform sources, modules and examples."""
    folders = {path.parent for top in _TERRAFORM for path in (CHECKOUT / top).rglob("*.tf")}
    return sorted(folder for folder in folders if ".terraform" not in folder.parts)


def _validate() -> int:
    code = 0
    for root in terraform_roots():
        data = TOOLS / "validate" / root.relative_to(CHECKOUT)
        env = {"TF_DATA_DIR": str(data)}
        terraform.init(root, env=env)
        done = terraform.run(root, "validate", "-no-color", env=env, check=False)
        if done.returncode != 0:
            say(f"{root.relative_to(CHECKOUT)}: {done.stdout}{done.stderr}")
            code = 1
    return code


def _tflint() -> int:
    tflint = _go_tool("tflint", TFLINT, "https://github.com/terraform-linters/tflint")
    config = CHECKOUT / ".tflint.hcl"
    aws = CHECKOUT / ".tflint-aws.hcl"
    init = subprocess.run([tflint, f"--config={aws}", "--init"], cwd=CHECKOUT, capture_output=True, check=False)
    if init.returncode == 0:
        config = aws
        say("tflint: with the AWS rules")
    else:
        say("tflint: the AWS ruleset cannot be had here, so with the rules for Terraform alone")
    # Not the tests: what is not published needs no descriptions.
    return max(_call([tflint, f"--chdir={top}", "--recursive", f"--config={config}"]) for top in _TERRAFORM)


def _checkov() -> int:
    checkov = program("checkov", "https://www.checkov.io")
    arguments = ["--directory", "modules", "--framework", "terraform", "--quiet", "--compact", "--skip-download"]
    return _call([checkov, *arguments])


def _actionlint() -> int:
    workflows = sorted((CHECKOUT / ".github" / "workflows").glob("*.y*ml"))
    if not workflows:
        return 0
    return _call([_go_tool("actionlint", ACTIONLINT, "https://github.com/rhysd/actionlint"), *workflows])


CHECKS = (
    Check("ruff check", lambda: _call([_venv("ruff"), "check", "."])),
    Check("ruff format", lambda: _call([_venv("ruff"), "format", "--check", "."])),
    Check("mypy", lambda: _call([_venv("mypy"), *_PYTHON])),
    Check("module docs", lambda: _call([sys.executable, "-m", "ds_dashboard_dev.module_docs", "--check"])),
    Check("event checks", lambda: _call([sys.executable, "-m", "ds_dashboard_dev.validators", "--check"])),
    Check("metric manifest", lambda: _call([_venv("ds-dashboard"), "manifest", "--check"])),
    Check("terraform fmt", lambda: _call([terraform.find_terraform(), "fmt", "-check", "-diff", "-recursive"])),
    Check("terraform validate", _validate),
    Check("tflint", _tflint),
    Check("checkov", _checkov),
    Check("actionlint", _actionlint),
)


def main() -> int:
    """Run all checks; returns 1 where one found something."""
    failed, missing = [], []
    for check in CHECKS:
        try:
            code = check.run()
        except Missing as reason:
            missing.append(f"{check.name}: {reason}")
            say(f"{check.name}: not run")
            continue
        except Failure as failure:
            say(str(failure))
            code = 1
        say(f"{check.name}: {'ok' if code == 0 else 'FAILED'}")
        if code != 0:
            failed.append(check.name)
    for absent in missing:
        say(f"not run, {absent}")
    if failed:
        say(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
