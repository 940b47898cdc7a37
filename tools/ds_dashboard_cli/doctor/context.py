"""What every check of the doctor gets: the account, the report for its findings, and the commands that fix them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ds_dashboard.client.errors import is_denied
from ds_dashboard.identity import DEFAULT_NAME, Names
from ds_dashboard.shell import command
from ds_dashboard_cli.aws_errors import explain
from ds_dashboard_cli.doctor.account import Account

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation

BROKEN, WARNING, NOTE, UNCHECKED, GOOD = "BROKEN", "WARNING", "NOTE", "NOT CHECKED", "ok"


@dataclass(frozen=True, slots=True)
class Context:
    """The installation to check, its account, the report, and the remedies."""

    installation: Installation
    account: Account
    report: Report
    remedies: Remedies

    @property
    def names(self) -> Names:
        """The names of the installation's resources."""
        return self.installation.names

    def queue_arn(self, role: str) -> str:
        """Return the ARN of a queue of the installation."""
        return self.account.arn("sqs", self.names.queue(role))

    def function_arn(self, role: str) -> str:
        """Return the ARN of a function of the installation."""
        return self.account.arn("lambda", f"function:{self.names.function(role)}")

    def bus_arn(self, side: str) -> str:
        """Return the ARN of the bus of the `hub` or the `spoke`."""
        return self.account.arn("events", f"event-bus/{self.names.bus(side)}")

    def rule_arn(self, side: str, rule: str) -> str:
        """Return the ARN of a rule on the bus of the `hub` or the `spoke`."""
        return self.account.arn("events", f"rule/{self.names.bus(side)}/{rule}")


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of one link: its name, its status, and for a problem the cause and the command that fixes it."""

    status: str
    thing: str
    cause: str
    remedy: str

    def as_record(self) -> dict[str, str]:
        """Return the finding with the keys of `--json`."""
        return {"Status": self.status, "Thing": self.thing, "Cause": self.cause, "Cure": self.remedy}


class Report:
    """The findings of all checks, in the order of the checks.

    Attributes:
        findings: the findings, without duplicates.
        checked: the number of links that were checked.
    """

    def __init__(self, installation: Installation, progress: Callable[[str], None]) -> None:
        self.findings: list[Finding] = []
        self.checked = 0
        self._installation, self._progress = installation, progress

    def broken(self, thing: str, cause: str, remedy: str) -> None:
        """Report a link that does not work."""
        self._add(BROKEN, thing, cause, remedy)

    def warn(self, thing: str, cause: str, remedy: str) -> None:
        """Report a link that works and needs attention."""
        self._add(WARNING, thing, cause, remedy)

    def note(self, thing: str, cause: str) -> None:
        """Report what may be intended, and is worth knowing."""
        self._add(NOTE, thing, cause, "")

    def good(self, thing: str) -> None:
        """Report a link that works."""
        self._add(GOOD, thing, "", "")

    def check(self, holds: bool, thing: str, cause: str, remedy: str) -> bool:
        """Report a link as good if a condition holds, and otherwise as broken; returns the condition."""
        if holds:
            self.good(thing)
        else:
            self.broken(thing, cause, remedy)
        return holds

    @contextmanager
    def checking(self, what: str) -> Iterator[None]:
        """Show what the block checks. If the caller lacks a permission, report that, and skip the rest of the block."""
        from botocore.exceptions import ClientError

        self._progress(f"checking {what}")
        try:
            yield
        except ClientError as error:
            explanation = explain(error, self._installation)
            if not is_denied(error) or explanation is None:
                raise
            self._add(UNCHECKED, what, explanation.cause, explanation.remedy)

    def count(self, status: str) -> int:
        """Return the number of findings with a status."""
        return sum(finding.status == status for finding in self.findings)

    def _add(self, status: str, thing: str, cause: str, remedy: str) -> None:
        self.checked += 1
        finding = Finding(status, thing, cause, remedy)
        # A link has several checks, and many rules share a role: report each result once.
        if finding not in self.findings:
            self.findings.append(finding)


class Remedies:
    """Builds the commands that fix a problem, with profile and region, so that they run unchanged."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    def aws(self, *words: str) -> str:
        """Build a command of the AWS CLI."""
        return command("aws", *words, *self._region_and_profile())

    def apply(self, module: str) -> str:
        """Build the Terraform command for the root module that contains `modules/<module>`."""
        name, account = self._installation.name, self._installation.account
        return command("terraform", "apply", comment=f"the root with modules/{module} of {name} in account {account}")

    def replace_function(self, module: str, role: str) -> str:
        """Build the Terraform command that creates a function again; `role` is the function's role."""
        resource = f'functions["{role}"]' if module == "hub" else "extractor"
        replaced = f"module.{module}.aws_lambda_function.{resource}"
        name, account = self._installation.name, self._installation.account
        comment = f"module.{module}: the call of modules/{module} of {name} in account {account}"
        return command("terraform", "apply", f"-replace={replaced}", comment=comment)

    def ds_dashboard(self, *words: str) -> str:
        """Build a command of `ds-dashboard`."""
        name = ["--name", self._installation.name] if self._installation.name != DEFAULT_NAME else []
        return command("ds-dashboard", *words, *name, *self._region_and_profile())

    def elsewhere(self, *words: str, whose: str, region: str = "") -> str:
        """Build a command of `ds-dashboard` for another account, whose profile is not known here."""
        options = ["--name", self._installation.name, *(["--region", region] if region else [])]
        return command("ds-dashboard", *words, *options, comment=f"with a profile of {whose}")

    @staticmethod
    def either(first: str, condition: str, other: str) -> str:
        """Build a line that runs the first command, and has another one in a comment, with its condition."""
        return f"{first}    # {condition}: {other}"

    def _region_and_profile(self) -> list[str]:
        profile = ["--profile", self._installation.profile] if self._installation.profile else []
        return ["--region", self._installation.region, *profile]
