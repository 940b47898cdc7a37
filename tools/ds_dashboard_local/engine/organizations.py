"""Which account is a member of which organization of AWS Organizations."""

from __future__ import annotations

import re
from collections.abc import Iterable

_members: dict[str, str] = {}  # organization id by account id


def parse_flag(flag: str) -> tuple[str, list[str]]:
    """Parse `o-abc1234567=111111111111,222222222222` into the organization id and the account ids.

    Raises:
        ValueError: The flag has another form; the message shows the right one.
    """
    identifier, separator, accounts = flag.partition("=")
    names = [name.strip() for name in accounts.split(",") if name.strip()]
    if not separator or not names:
        raise ValueError(f"{flag!r} is not an organization; write it as o-abc1234567=111111111111,222222222222")
    check(identifier, names)
    return identifier, names


def check(identifier: str, accounts: Iterable[str]) -> None:
    """Check the form of the ids.

    Raises:
        ValueError: An id is not one that AWS assigns.
    """
    if not re.fullmatch(r"o-[a-z0-9]{10,32}", identifier):
        raise ValueError(f"{identifier!r} is not an organization id: o- and 10 to 32 lower case letters or digits")
    for account in accounts:
        if not re.fullmatch(r"\d{12}", account):
            raise ValueError(f"{account!r} is not an account id: 12 digits")


def set_members(identifier: str, accounts: Iterable[str]) -> None:
    """Replace the members of an organization; an account is a member of one organization only."""
    for account in [name for name, organization in _members.items() if organization == identifier]:
        del _members[account]
    for account in accounts:
        _members[account] = identifier


def of(account: str) -> str | None:
    """Return the id of an account's organization, or None if it is in none."""
    return _members.get(account)


def members() -> dict[str, str]:
    """Return the organization id of every account that is in an organization."""
    return dict(_members)
