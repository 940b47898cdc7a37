"""The documents: links, make targets and commands exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from ds_dashboard_cli.main import cli
from ds_dashboard_cli.options import ListByDefault
from ds_dashboard_dev.checkout import CHECKOUT

_IGNORED = {".venv", ".tools", "build", "dist", "vendor", ".terraform", ".github"}
DOCUMENTS = [
    path.relative_to(CHECKOUT)
    for path in sorted(CHECKOUT.rglob("*.md"))
    if not _IGNORED & set(path.relative_to(CHECKOUT).parts)
]
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_TARGET = re.compile(r"^([a-z-]+):", re.MULTILINE)
_MAKE = re.compile(r"(?:^|`|\s)make ((?:[a-z]+-?)+[a-z]+)(?=[\s`).,;:]|$)")
_COMMAND = re.compile(r"ds-dashboard( [^`#|&\n]*)")
# Words after "make" that are not targets.
_PROSE = {"sure", "it", "one", "the", "them", "up", "a"}


def _text(document: Path) -> str:
    return (CHECKOUT / document).read_text()


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_link_leads_somewhere(document: Path) -> None:
    """A dead link stops a reader."""
    for link in _LINK.findall(_text(document)):
        path, _, anchor = link.partition("#")
        if "://" in link or link.startswith("mailto:"):
            continue
        target = (CHECKOUT / document).parent / path if path else CHECKOUT / document
        assert target.exists(), f"{document}: {link}"
        if anchor and target.suffix == ".md":
            assert anchor in _anchors(target.read_text()), f"{document}: {link}"


def _anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub creates them."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.replace("`", "")).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_make_target_is_in_the_makefile(document: Path) -> None:
    """A documented command must run."""
    targets = set(_TARGET.findall((CHECKOUT / "Makefile").read_text())) | _PROSE
    code = re.findall(r"`[^`\n]+`|^```sh\n.*?^```", _text(document), re.MULTILINE | re.DOTALL)
    named = {word for part in code for word in _MAKE.findall(part)}
    assert named <= targets, f"{document}: {sorted(named - targets)}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_command_has_the_options_that_are_written(document: Path) -> None:
    """Options are renamed, and documents stay behind."""
    for part in re.findall(r"^```sh\n(.*?)^```", _text(document), re.MULTILINE | re.DOTALL):
        for words in _COMMAND.findall(part.replace("\\\n", " ")):
            _check(shlex.split(words.rstrip(")\"' "), comments=True), f"{document}: ds-dashboard{words}")


def _check(words: list[str], where: str) -> None:
    command: click.Command = cli
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(click.Context(command), words.pop(0))
        assert found is not None, where
        command = found
    if isinstance(command, ListByDefault) and words:
        command = command.commands["list"]
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    known |= {"-h", "--help"}
    for word in words:
        if word.startswith("-") and word != "-":
            assert word.split("=")[0] in known, f"{where}: {word}"


def test_each_claim_of_the_threat_model_names_an_existing_test() -> None:
    """Whoever renames a test must update the claim."""
    rows = [line for line in _text(Path("docs/threat-model.md")).splitlines() if line.startswith("| ")]
    claims = [row for row in rows if not row.startswith("| stopped")]
    assert len(claims) > 20
    for claim in claims:
        names = re.findall(r"`([\w/]+\.py)::(test_\w+)`", claim)
        assert names, claim
        for file, name in names:
            assert f"def {name}(" in (CHECKOUT / "tests" / file).read_text(), f"{file}::{name}"
