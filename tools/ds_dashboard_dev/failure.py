"""The one exception that the development tools show to people, without a stack trace."""

from __future__ import annotations


class Failure(Exception):
    """Something a user can mend: what went wrong, and how to mend it."""

    def __init__(self, what: str, *, cure: str) -> None:
        super().__init__(f"{what}\n  {cure}")
