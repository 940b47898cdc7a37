"""What a context along the links of a connection has with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ds_dashboard_cli.doctor.account import Account
from ds_dashboard_cli.doctor.report import Remedies, Report

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation


@dataclass(frozen=True, slots=True)
class Context:
    """The installation, the account that is looked at, where findings go, and the commands that mend."""

    hub: Installation
    account: Account
    report: Report
    remedies: Remedies

    def queue_arn(self, role: str) -> str:
        """The ARN of a queue of the installation."""
        return self.account.arn("sqs", f"{self.hub.name}-{role}")

    def function_arn(self, role: str) -> str:
        """The ARN of a function of the installation."""
        return self.account.arn("lambda", f"function:{self.hub.name}-{role}")

    def bus_arn(self, side: str) -> str:
        """The ARN of the installation's bus."""
        return self.account.arn("events", f"event-bus/{self.hub.name}-{side}")

    def rule_arn(self, side: str, rule: str) -> str:
        """The ARN of a rule on the installation's bus."""
        return self.account.arn("events", f"rule/{self.hub.name}-{side}/{rule}")
