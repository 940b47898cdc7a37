"""`make gaps`: run the local cloud's tests once for each gap, without that gap's patch.

A gap is a patch of the local cloud's engine. For each gap the command prints the first test that fails without it. A
gap without such a test is not needed, or lacks a test.

  .venv/bin/python -m ds_dashboard_dev.gaps                        all gaps
  .venv/bin/python -m ds_dashboard_dev.gaps rule_quota replays     these gaps
"""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ds_dashboard_dev.checkout import CHECKOUT, Failure, say

_COMMAND = ".venv/bin/python -m ds_dashboard_dev.gaps"
GAPS = CHECKOUT / "tools" / "ds_dashboard_local" / "gaps"
_SERVICES = {
    "awslambda": "Lambda",
    "cloudwatch": "CloudWatch",
    "dynamodb": "DynamoDB",
    "eventbridge": "EventBridge",
    "iam": "IAM",
    "logs": "CloudWatch Logs",
    "kms": "KMS",
    "moto": "Services of moto",
    "reads": "Services that metrics read",
    "s3": "S3",
    "scheduler": "EventBridge Scheduler",
    "sqs": "SQS",
    "ssm": "Parameter Store",
}
# The process, its commands and the package itself need no gap.
_UNRELATED = ("test_server.py", "test_command.py", "test_package.py")
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+(?:\[.*?\])?)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class DeclaredGap:
    """A gap as its source declares it.

    Attributes:
        service: The service's name, for people.
        name: The gap's name, as `--without-gap` takes it.
        aws: What AWS does.
        engine: What the engine does by itself.
    """

    service: str
    name: str
    aws: str
    engine: str


def declared_gaps(folder: Path = GAPS) -> list[DeclaredGap]:
    """Return every gap, by service and in the order of the source.

    The source is parsed and not imported: importing a gap imports the engine, which writes to its state folder.

    Raises:
        ValueError: The docstring of a gap has no paragraph that starts with `AWS:` or `Engine:`.
    """
    found = []
    for file in sorted(folder.rglob("*.py")):
        service = file.relative_to(folder).with_suffix("").parts[0]
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and any(ast.unparse(one) == "gap" for one in node.decorator_list):
                paragraphs = [" ".join(part.split()) for part in (ast.get_docstring(node) or "").split("\n\n")]
                aws, engine = (_paragraph(word, paragraphs, node.name) for word in ("AWS:", "Engine:"))
                found.append(DeclaredGap(_SERVICES[service], node.name, aws, engine))
    return sorted(found, key=lambda gap: gap.service)


def _paragraph(word: str, paragraphs: list[str], gap: str) -> str:
    for paragraph in paragraphs:
        if paragraph.startswith(word):
            text = paragraph.removeprefix(word).strip()
            return text[:1].upper() + text[1:]
    raise ValueError(f"the docstring of the gap {gap} has no paragraph that starts with {word}")


def test_that_needs(gap: str) -> str | None:
    """Return the first test of the local cloud that fails without a gap, or None if there is none."""
    flaky: list[str] = []
    while failed := _first_failure(gap, *(f"--deselect={test}" for test in flaky), "tests/local"):
        if _first_failure(gap, failed):
            return failed
        # It fails on a busy machine only.
        flaky.append(failed)
    return None


def _first_failure(gap: str, *arguments: str) -> str | None:
    ignored = [f"--ignore=tests/local/{name}" for name in _UNRELATED]
    options = ["-q", "-x", "-p", "no:cacheprovider", "--tb=no", "--show-capture=no", *ignored]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments, "--without-gap", gap, *options],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    found = _FAILED.findall(done.stdout)
    if done.returncode not in (0, 1) or (done.returncode == 1) != bool(found):
        raise Failure(f"the tests did not run: {done.stdout}{done.stderr}", fix="See the message above.")
    return found[0] if found else None


def main() -> int:
    """Run the tests without each gap, and return the exit code: 1 if no test needs a gap."""
    names = [gap.name for gap in declared_gaps()]
    parser = argparse.ArgumentParser(
        prog=_COMMAND, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("gaps", nargs="*", metavar="GAP", help="the gaps to leave open, one after the other")
    parser.add_argument("--workers", type=int, default=2, help="how many gaps to try at the same time (default: 2)")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.gaps) - set(names)):
        parser.error(f"no such gap: {', '.join(unknown)}; the gaps are {', '.join(names)}")
    wanted = arguments.gaps or names
    needless = []
    with ThreadPoolExecutor(arguments.workers) as pool:
        for gap, test in zip(wanted, pool.map(test_that_needs, wanted), strict=True):
            say(f"{gap}: {test or 'no test needs it'}")
            if test is None:
                needless.append(gap)
    if needless:
        say(f"Remove these gaps, or write the tests that need them: {', '.join(needless)}")
    return 1 if needless else 0


if __name__ == "__main__":
    sys.exit(main())
