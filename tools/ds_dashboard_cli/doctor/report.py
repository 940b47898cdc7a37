"""What was found: one finding a link, with the command that mends it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ds_dashboard.client.errors import is_denied
from ds_dashboard_cli.aws.failures import explained

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation

BROKEN, WARNING, UNCHECKED, GOOD = "BROKEN", "WARNING", "NOT CHECKED", "ok"


@dataclass(frozen=True, slots=True)
class Finding:
    """A link: what it is, how it is, why, and the command that mends it."""

    status: str
    thing: str
    cause: str
    cure: str

    def record(self) -> dict[str, str]:
        """The same for programs."""
        return {"Status": self.status, "Thing": self.thing, "Cause": self.cause, "Cure": self.cure}


class Report:
    """The findings of one context along the links, in its order."""

    def __init__(self, hub: Installation, tell: Callable[[str], None]) -> None:
        self.findings: list[Finding] = []
        self.looked_at = 0
        self._hub, self._tell = hub, tell

    def broken(self, thing: str, cause: str, cure: str) -> None:
        """Something does not work."""
        self._add(BROKEN, thing, cause, cure)

    def warn(self, thing: str, cause: str, cure: str) -> None:
        """Something should be looked at."""
        self._add(WARNING, thing, cause, cure)

    def good(self, thing: str) -> None:
        """A link is as it should be."""
        self._add(GOOD, thing, "", "")

    def check(self, holds: bool, thing: str, cause: str, cure: str) -> bool:
        """A link that is good or broken; returns which."""
        if holds:
            self.good(thing)
        else:
            self.broken(thing, cause, cure)
        return holds

    @contextmanager
    def looking_at(self, what: str) -> Iterator[None]:
        """Say what is looked at; where the caller may not look, go on with the next."""
        from botocore.exceptions import ClientError

        self._tell(f"looking at {what}")
        try:
            yield
        except ClientError as error:
            told = explained(error, self._hub)
            if not is_denied(error) or told is None:
                raise
            cause, _, cure = told.message.removeprefix("access denied: ").partition("\n")
            self._add(UNCHECKED, what, cause, cure)

    def count(self, status: str) -> int:
        """How many links are so."""
        return sum(finding.status == status for finding in self.findings)

    def _add(self, status: str, thing: str, cause: str, cure: str) -> None:
        self.looked_at += 1
        finding = Finding(status, thing, cause, cure)
        # Several questions are about one thing, and many rules have one role: each answer is told once.
        if finding not in self.findings:
            self.findings.append(finding)


class Remedies:
    """The commands that mend: they name profile and region, so that they can be run as they are."""

    def __init__(self, hub: Installation) -> None:
        self._hub = hub

    def aws(self, *words: str) -> str:
        """A command of the AWS CLI."""
        more = ["--region", self._hub.region]
        more += ["--profile", self._hub.profile] if self._hub.profile else []
        return shlex.join(["aws", *words, *more])

    def apply(self, module: str) -> str:
        """Terraform, where the module is applied."""
        return f"terraform apply    # the root with modules/{module} of {self._hub.name} in account {self._hub.account}"

    def ours(self, *words: str) -> str:
        """A command of this program."""
        more = ["--name", self._hub.name] if self._hub.name != "ds-dashboard" else []
        more += ["--region", self._hub.region]
        more += ["--profile", self._hub.profile] if self._hub.profile else []
        return shlex.join(["ds-dashboard", *words, *more])
