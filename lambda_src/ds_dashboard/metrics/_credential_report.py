"""IAM's credential report: the credentials of every user of the account."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from ds_dashboard.metrics import Reader, reading
from ds_dashboard.metrics._aws import on_all
from ds_dashboard.metrics.errors import IncompleteAnswer

_ROOT_USER = "<root_account>"
_KEY = re.compile(r"(access_key_\d+)_active")
_TRIES, _SECONDS = 10, 2.0


class User(NamedTuple):
    """A row of the report.

    Attributes:
        is_root: whether it is the root user.
        has_password: whether the user can sign in to the console; the report may not tell it of the root user.
        has_mfa: whether a second factor is active.
        active_keys: when each active access key was created; None if the report does not tell it.
    """

    is_root: bool
    has_password: bool
    has_mfa: bool
    active_keys: tuple[datetime | None, ...]

    @classmethod
    def of(cls, row: Mapping[str, str]) -> User:
        """Read a row. Cells can contain N/A, no_information and not_supported."""
        keys = [found[1] for found in map(_KEY.fullmatch, row) if found and row[found[0]] == "true"]
        return cls(
            row["user"] == _ROOT_USER,
            row["password_enabled"] == "true",
            row["mfa_active"] == "true",
            tuple(_time(row.get(f"{key}_last_rotated", "")) for key in keys),
        )


class Report(NamedTuple):
    """The report: when IAM made it, and its users."""

    generated: datetime
    users: list[User]


@reading(
    permissions=on_all("iam:GenerateCredentialReport", "iam:GetCredentialReport"),
    calls="2, and up to 9 more while IAM makes the report",
    may_read="the names of all users, and when they used their passwords and keys",
)
def credential_report(reader: Reader) -> Report:
    """Credentials of every IAM user, in a report that IAM makes at most every four hours."""
    client = reader.client("iam")
    for _ in range(_TRIES):
        if client.generate_credential_report()["State"] == "COMPLETE":
            break
        reader.pause(_SECONDS)
    else:
        raise IncompleteAnswer(f"IAM has not made its credential report in {_TRIES * _SECONDS:.0f} s; try again later")
    answer = client.get_credential_report()
    rows = csv.DictReader(answer["Content"].decode("utf-8").splitlines())
    return Report(answer["GeneratedTime"], [User.of(row) for row in rows])


def _time(cell: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(cell)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
