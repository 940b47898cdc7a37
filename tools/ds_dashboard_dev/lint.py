"""`make lint`: every check of form, types and configuration, several at a time.

Each check prints one line with its time. A check that cannot run on this machine is named at the end with what to
install; the others still run.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ds_dashboard_dev import terraform
from ds_dashboard_dev.checkout import (
    CHECKOUT,
    TOOLS,
    Failure,
    ProgramMissing,
    install_go_program,
    install_python_program,
    say,
    venv_program,
)

TFLINT = "github.com/terraform-linters/tflint@v0.64.0"
ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.7"
_TERRAFORM = ("modules", "examples")
# Without the examples, which are written as data scientists write: without types.
_PYTHON = ["lambda_src/ds_dashboard", "tools", "tests"]


# A part of a check returns what it found, one text for each finding.
Part = Callable[[], list[str]]


@dataclass(frozen=True, slots=True)
class Check:
    """A check, and the parts of it that can run at the same time.

    A part raises `ProgramMissing` if it cannot run on this machine. A `Failure` is a finding.
    """

    name: str
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Result:
    """What a check found, and how long it took.

    Attributes:
        missing: What to install if a part of the check could not run; empty if all ran.
    """

    name: str
    findings: list[str]
    missing: str
    seconds: float

    @property
    def status(self) -> str:
        """Return `ok`, `FAILED` or `not run`."""
        if self.findings:
            return "FAILED"
        return "not run" if self.missing else "ok"


def terraform_folders() -> list[Path]:
    """Return the folders with Terraform sources: modules and examples."""
    folders = {path.parent for top in _TERRAFORM for path in (CHECKOUT / top).rglob("*.tf")}
    return sorted(folder for folder in folders if ".terraform" not in folder.parts)


def _run(*command: str | Path) -> list[str]:
    """Run a program in the checkout. What it prints is a finding if it fails."""
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return []
    return [(done.stdout + done.stderr).strip() or f"{command[0]} failed with exit code {done.returncode}"]


def _program(name: str, *arguments: str) -> Part:
    return lambda: _run(venv_program(name), *arguments)


def _validate(folder: Path) -> list[str]:
    # Not in the folder itself, where it would replace the data of a user's own runs.
    data = TOOLS / "validate" / folder.relative_to(CHECKOUT)
    terraform.Root(folder, {"TF_DATA_DIR": str(data)}).validate()
    return []


def _tflint() -> list[str]:
    tflint = install_go_program("tflint", TFLINT, "https://github.com/terraform-linters/tflint")
    config = CHECKOUT / ".tflint-aws.hcl"
    init = subprocess.run([tflint, f"--config={config}", "--init"], cwd=CHECKOUT, capture_output=True, check=False)
    if init.returncode != 0:
        say("tflint: the rules for AWS could not be downloaded, so only those for Terraform are checked")
        config = CHECKOUT / ".tflint.hcl"
    # Without the tests: what is not published needs no descriptions.
    return [one for top in _TERRAFORM for one in _run(tflint, f"--chdir={top}", "--recursive", f"--config={config}")]


def _checkov() -> list[str]:
    checkov = install_python_program("checkov", "https://www.checkov.io")
    return _run(
        checkov, "--directory", "modules", "--framework", "terraform", "--quiet", "--compact", "--skip-download"
    )


def _actionlint() -> list[str]:
    actionlint = install_go_program("actionlint", ACTIONLINT, "https://github.com/rhysd/actionlint")
    return _run(actionlint, *sorted((CHECKOUT / ".github" / "workflows").glob("*.y*ml")))


def checks() -> list[Check]:
    """Return all checks. Those that take longest come first, so that no core waits for them at the end."""
    return [
        Check("tflint", [_tflint]),
        Check("checkov", [_checkov]),
        Check("mypy", [_program("mypy", *_PYTHON)]),
        Check("terraform validate", [partial(_validate, folder) for folder in terraform_folders()]),
        Check("module docs", [_program("python", "-m", "ds_dashboard_dev.module_docs", "--check")]),
        Check("event validators", [_program("python", "-m", "ds_dashboard_dev.validators", "--check")]),
        Check("IAM actions", [_program("python", "-m", "ds_dashboard_dev.operation_actions", "--check")]),
        Check("metric manifest", [_program("ds-dashboard", "manifest", "--check")]),
        Check("actionlint", [_actionlint]),
        Check("terraform fmt", [lambda: _run(terraform.find_terraform(), "fmt", "-check", "-diff", "-recursive")]),
        Check("ruff check", [_program("ruff", "check", ".")]),
        Check("ruff format", [_program("ruff", "format", "--check", ".")]),
    ]


def results(wanted: Sequence[Check], workers: int) -> Iterator[Result]:
    """Run checks at the same time, and yield the result of each as soon as it is complete."""
    with ThreadPoolExecutor(workers) as pool:
        waiting = {check.name: [pool.submit(_timed, part) for part in check.parts] for check in wanted}
        while waiting:
            wait(
                [future for parts in waiting.values() for future in parts if not future.done()],
                return_when=FIRST_COMPLETED,
            )
            for name in [name for name, parts in waiting.items() if all(part.done() for part in parts)]:
                yield _combined(name, [part.result() for part in waiting.pop(name)])


@dataclass(frozen=True, slots=True)
class _PartResult:
    findings: list[str]
    missing: str
    started: float
    finished: float


def _timed(part: Part) -> _PartResult:
    findings, missing, started = [], "", time.monotonic()
    try:
        findings = part()
    except ProgramMissing as reason:
        missing = str(reason)
    except Failure as failure:
        findings = [str(failure)]
    return _PartResult(findings, missing, started, time.monotonic())


def _combined(name: str, parts: Sequence[_PartResult]) -> Result:
    return Result(
        name,
        findings=[finding for part in parts for finding in part.findings],
        missing=next((part.missing for part in parts if part.missing), ""),
        seconds=max(part.finished for part in parts) - min(part.started for part in parts),
    )


def main() -> int:
    """Run all checks; return 1 if one of them found something."""
    started = time.monotonic()
    # Once, before the checks that use both at the same time. Those report it if one cannot be found.
    with contextlib.suppress(Failure):
        terraform.find_terraform()
        terraform.provider_mirror()
    found = []
    for result in results(checks(), os.cpu_count() or 1):
        for finding in result.findings:
            say(finding)
        say(f"{result.name:<20} {result.status:<8} {result.seconds:5.1f} s")
        found.append(result)
    for result in found:
        if result.missing:
            say(f"not run: {result.name}: {result.missing}")
    failed = [result.name for result in found if result.findings]
    say(f"failed: {', '.join(failed)}" if failed else f"all checks passed in {time.monotonic() - started:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
