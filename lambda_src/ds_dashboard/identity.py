"""The facts of an installation: projects and their keys, registered accounts, and resource names by role.

Terraform builds the same names in `modules/*/names.tf` and checks the same patterns in `modules/*/patterns.tf`. A unit
test verifies that they agree.

Patterns are plain texts without anchors that Python's `re` and Terraform's RE2 read alike: `[0-9]` instead of a class
that matches other digits in Python, and no lookaround. Use `re.fullmatch` in Python, and `^...$` in Terraform.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple, Self

DEFAULT_NAME = "ds-dashboard"
DEFAULT_MONITORS_PATH = "/monitors"
DEFAULT_MONITORED_PROJECTS_PATH = "/monitored_projects"

# A project name, an environment, or the name under which a spoke registers a hub.
WORD_PATTERN = "[A-Za-z0-9_.-]{1,64}"
ACCOUNT_ID_PATTERN = "[0-9]{12}"
REGION_PATTERN = "[a-z]+(?:-[a-z]+)+-[0-9]+"
# No slash in the bus name: only partner event buses have one, and no other account can put events on those.
BUS_ARN_PATTERN = f"arn:aws(?:-[a-z]+)*:events:{REGION_PATTERN}:{ACCOUNT_ID_PATTERN}:event-bus/[A-Za-z0-9._-]{{1,256}}"

# The type of an encrypted parameter, and what stands for its value: nobody who reads a registration decrypts it.
ENCRYPTED = "SecureString"

_FUNCTION_ARN_PATTERN = f"arn:(aws(?:-[a-z]+)*):lambda:({REGION_PATTERN}):({ACCOUNT_ID_PATTERN}):function:.+"

# Names that can be read back from their words with capitals: team-a from TeamA, but not team-1 from Team1.
_PLAIN_NAME = "[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*"
_PROJECT_PATTERN = f"({WORD_PATTERN})[/#]({WORD_PATTERN})"

SIDES = ("hub", "spoke")
TABLES = ("metrics", "latest", "spokes")
# How much of a spoke in the latest table is read to find out about all spokes: a spoke can invent metrics without end.
# A page is a megabyte, which is 2,000 usual values or 5 of the largest ones.
MAX_SPOKE_PAGES = 20
# How many metrics or spokes a command names at most: DynamoDB takes so many operands in a condition.
MAX_NAMES = 100
EVENTS_QUEUE = "events"
REJECTED_QUEUE = "rejected"
HUB_DEAD_LETTER_QUEUES = (
    "events-dead-letters",
    "rule-dead-letters",
    "bus-dead-letters",
    "function-dead-letters",
    "to-spokes-dead-letters",
)
SPOKE_DEAD_LETTER_QUEUES = ("spoke-dead-letters", "spoke-bus-dead-letters", "to-hubs-dead-letters")


class Project(NamedTuple):
    """A project in one environment: what one spoke reports for, and what one account is registered for."""

    name: str
    environment: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `<ProjectName>/<Environment>` or `<ProjectName>#<Environment>`.

        Raises:
            ValueError: the text has neither form, or one of the names has characters that Terraform rejects.
        """
        parts = re.fullmatch(_PROJECT_PATTERN, text)
        if parts is None:
            raise ValueError(f"{text[:140]!r} is not a project and its environment, such as Project1/dev")
        return cls(*parts.groups())

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> Self:
        """Return the project in the fields `ProjectName` and `Environment` of a valid event or of a table's item."""
        return cls(fields["ProjectName"], fields["Environment"])

    @property
    def key(self) -> str:
        """Return `<ProjectName>#<Environment>`, the key `Project` in the tables `latest` and `spokes`."""
        return f"{self.name}#{self.environment}"

    @property
    def path(self) -> str:
        """Return `<ProjectName>/<Environment>`, the parameter's name below `monitored_projects_path`."""
        return f"{self.name}/{self.environment}"

    def series(self, metric: str) -> str:
        """Return `<ProjectName>#<Environment>#<MetricName>`, the key `Series` in the history's index `BySeries`."""
        return f"{self.key}#{metric}"


class Registered(NamedTuple):
    """What a parameter below `monitors_path` or `monitored_projects_path` registers.

    Attributes:
        account: the account's 12-digit ID.
        region: the region of the account's bus; None stands for the region of the parameter.
        bus_arn: the account's bus; None stands for the bus with the default name in that region.
    """

    account: str
    region: str | None = None
    bus_arn: str | None = None

    @staticmethod
    def text_of(parameter: Mapping[str, Any]) -> str:
        """Return the value of a parameter as Parameter Store answers it; `SecureString` for an encrypted one."""
        return ENCRYPTED if parameter.get("Type") == ENCRYPTED else str(parameter["Value"])

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read a parameter's value, which is an account ID or a bus ARN and not encrypted.

        Args:
            value: what `text_of` returns.

        Raises:
            ValueError: the value is neither; the message is the rest of a sentence about the parameter.
        """
        if re.fullmatch(ACCOUNT_ID_PATTERN, value):
            return cls(value)
        if value == ENCRYPTED:
            raise ValueError(
                f"has the type {ENCRYPTED}, which is not decrypted. A type cannot be changed: delete the parameter and "
                "put it again with --type String"
            )
        if not re.fullmatch(BUS_ARN_PATTERN, value):
            raise ValueError(f"has the value {value[:80]!r}, which is neither an account ID nor a bus ARN")
        _, _, _, region, account, _ = value.split(":")
        return cls(account, region, value)


def registration_fault(value: str) -> str | None:
    """Return why a value registers nobody, as the rest of a sentence about its parameter; None if it does.

    Args:
        value: what `Registered.text_of` returns.
    """
    try:
        Registered.parse(value)
    except ValueError as error:
        return str(error)
    return None


class Location(NamedTuple):
    """Where a function runs: the account, the region, and the partition of AWS, such as `aws` or `aws-cn`."""

    account: str
    region: str
    partition: str

    @classmethod
    def of_function(cls, arn: str) -> Self:
        """Read the ARN of a function, which Lambda passes to it as `context.invoked_function_arn`.

        Raises:
            ValueError: the text is not the ARN of a function.
        """
        found = re.fullmatch(_FUNCTION_ARN_PATTERN, arn)
        if found is None:
            raise ValueError(f"{arn[:140]!r} is not the ARN of a function")
        partition, region, account = found.groups()
        return cls(account, region, partition)


class Names(NamedTuple):
    """Names of an installation's resources by role.

    Attributes:
        name: the variable `name` of the modules, such as `ds-dashboard`.
    """

    name: str = DEFAULT_NAME

    def table(self, role: str) -> str:
        """Return the name of a table of the hub; `role` is one of `TABLES`."""
        return f"{self.name}-{role}"

    def queue(self, role: str) -> str:
        """Return the name of a queue, such as `events` or one of `HUB_DEAD_LETTER_QUEUES`."""
        return f"{self.name}-{role}"

    def function(self, role: str) -> str:
        """Return the name of a function: `archive`, `refresh`, `watch`, `report` of a hub, `extract` of a spoke."""
        return f"{self.name}-{role}"

    def report_bucket(self, account: str, region: str) -> str:
        """Return the name of the bucket with the hub's report. It is unique among the buckets of all accounts."""
        place = hashlib.sha256(f"{account}/{region}".encode()).hexdigest()[:12]
        return f"{self.name.lower()}-report-{place}"

    def dashboard(self, region: str) -> str:
        """Return the name of the hub's dashboard. The dashboards of an account share one namespace for all regions."""
        return f"{self.name}-hub-{region}"

    def log_group(self, role: str) -> str:
        """Return the name of the log group of the function `role`."""
        return f"/aws/lambda/{self.function(role)}"

    def bus(self, side: str) -> str:
        """Return the name of the bus of the `hub` or the `spoke`; the hub's event archive has the same name."""
        return f"{self.name}-{side}"

    def rule(self, role: str) -> str:
        """Return the name of the rule that feeds a function: `archive` on the hub's bus, `extract` on the spoke's."""
        return f"{self.name}-{role}"

    @property
    def forwarding_rule_prefix(self) -> str:
        """Return the prefix of the names of the connection's forwarding rules."""
        return f"{self.name}-to-"

    @property
    def key_sid(self) -> str:
        """Return the beginning of the `Sid` of each statement in `kms_key_policy_json`, different for every name."""
        # As Terraform's title() does it, which leaves capitals unchanged.
        words = "".join(word[:1].upper() + word[1:] for word in self.name.split("-"))
        return words if re.fullmatch(_PLAIN_NAME, self.name) else words + sha256(self.name.encode()).hexdigest()[:8]

    def schedule_group(self, side: str) -> str:
        """Return the name of the schedule group of the `hub` or the `spoke`."""
        return f"{self.name}-{side}"
