"""Which account is in which organization of AWS Organizations."""

from __future__ import annotations

import re
from collections.abc import Iterable

_members: dict[str, str] = {}  # account id -> organization id


def parse_flag(flag: str) -> tuple[str, list[str]]:
    """`o-abc1234567=111111111111,222222222222` as organization id and account ids.

    Raises ValueError with what is wrong and how it should look.
    """
    identifier, separator, accounts = flag.partition("=")
    names = [name.strip() for name in accounts.split(",") if name.strip()]
    if not separator or not names:
        raise ValueError(f"{flag!r} is no organization; write it as o-abc1234567=111111111111,222222222222")
    check(identifier, names)
    return identifier, names


def check(identifier: str, accounts: Iterable[str]) -> None:
    """Raise ValueError for ids that AWS would not give."""
    if not re.fullmatch(r"o-[a-z0-9]{10,32}", identifier):
        raise ValueError(f"{identifier!r} is no organization id: o- and 10 to 32 lower case letters or digits")
    for account in accounts:
        if not re.fullmatch(r"\d{12}", account):
            raise ValueError(f"{account!r} is no account id: 12 digits")


def set_members(identifier: str, accounts: Iterable[str]) -> None:
    """Make `accounts` the members of the organization; an account is in one organization only."""
    for account in [name for name, organization in _members.items() if organization == identifier]:
        del _members[account]
    for account in accounts:
        _members[account] = identifier


def of(account: str) -> str | None:
    """The organization id of an account, None for an account that stands alone."""
    return _members.get(account)


def members() -> dict[str, str]:
    """Every account that is in an organization, with that organization's id."""
    return dict(_members)
