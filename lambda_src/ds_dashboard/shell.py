"""Commands that people copy from a message into a shell."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

# What a person must fill in: who may report is decided by the owner of an account, and never by what it has sent.
ACCOUNT_ID, BUS_ARN = "ACCOUNT_ID", "BUS_ARN"


def arguments(argument: str, options: Sequence[str]) -> list[str]:
    """Return the words of an argument and options, so that an argument that begins with - is not read as an option."""
    return [*options, "--", argument] if argument.startswith("-") else [argument, *options]


def command(*words: str, comment: str = "") -> str:
    """Return a line that a shell reads as exactly these words.

    Args:
        words: the program and its arguments.
        comment: a note behind the command. Its words are quoted too: some shells run a comment that is pasted.
    """
    line = shlex.join(words)
    return f"{line}    # {shlex.join(comment.split())}" if comment else line
