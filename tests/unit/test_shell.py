"""Commands in messages: a shell reads them as intended, and all of them are built by `ds_dashboard.shell.command`."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ds_dashboard.shell import arguments, command
from ds_dashboard_dev.checkout import CHECKOUT

HOSTILE = [
    "; touch pwned",
    "$(touch pwned)",
    "`touch pwned`",
    "a\ntouch pwned",
    "'; touch pwned; '",
    '"; touch pwned; "',
    "a # $(touch pwned)",
    "| touch pwned",
    "> pwned",
    "\\",
    "",
    "~",
    "*",
]
# Words with which a command in a message begins.
_BEGIN = r"(?:^|[\s(`$])(?:aws [a-z]|ds-dashboard [a-z]|terraform [a-z]|pip install|make [a-z]+[ -])"
_VALUE = "\0"
_PRINTED = re.compile(rf"{_BEGIN}[^`.;)\n]*{_VALUE}")
_HCL = re.compile(r"(?:aws [a-z]|ds-dashboard [a-z]|terraform [a-z]|pip install)[^`\"]*\$\{")


@pytest.mark.parametrize("word", HOSTILE)
def test_a_shell_reads_a_word_as_it_is_and_runs_nothing_of_it(word: str, tmp_path: Path) -> None:
    """Operators pipe the fixes of the doctor into a shell."""
    line = command("printf", r"%s\0", word, "end", comment=f"the value of {word}")
    assert shlex.split(line.partition("    # ")[0]) == ["printf", r"%s\0", word, "end"]
    done = subprocess.run(["sh", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == f"{word}\0end\0"
    # As a shell that runs comments reads it: the words are further arguments.
    subprocess.run(["sh", "-c", line.replace("    # ", "    ")], cwd=tmp_path, capture_output=True, check=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("argument", "expected"), [("Jobs", ["Jobs", "--since", "7d"]), ("--help", ["--since", "7d", "--", "--help"])]
)
def test_an_argument_that_looks_like_an_option_comes_last(argument: str, expected: list[str]) -> None:
    """A spoke chooses the names of metrics."""
    assert arguments(argument, ["--since", "7d"]) == expected


def _printed_values(source: str) -> Iterator[str]:
    """Yield the f-strings of a module in which a value is part of a command."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(one.value) if isinstance(one, ast.Constant) else _VALUE for one in node.values)
            if _PRINTED.search(text):
                yield text.replace(_VALUE, "{}")


def test_no_message_puts_a_value_into_a_command_by_itself() -> None:
    """A value of a parameter, a table or an event could contain another command."""
    assert list(_printed_values('x = f"Run: aws ssm get-parameter --name {name}"'))
    assert not list(_printed_values('x = f"Run `ds-dashboard spokes`, {name}"'))
    # The demo's commands have only its own constants.
    folders = ("lambda_src/ds_dashboard", *(f"tools/ds_dashboard_{name}" for name in ("cli", "local", "dev/terraform")))
    files = [path for folder in folders for path in sorted((CHECKOUT / folder).rglob("*.py"))]
    assert len(files) > 100
    assert {str(path): found for path in files if (found := [*_printed_values(path.read_text())])} == {}


def test_no_message_of_a_module_puts_a_value_into_a_command() -> None:
    """Terraform has no function that quotes for a shell."""
    assert _HCL.search('error_message = "Run: aws ssm get-parameter --name ${name}"')
    files = [path for path in sorted((CHECKOUT / "modules").rglob("*.tf")) if ".terraform" not in path.parts]
    assert len(files) > 30
    assert [path for path in files if _HCL.search(path.read_text())] == []
