"""What a plan refuses: by the name of the thing that is wrong, and with the cure."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from .planner import Call, Run
from .refused_calls import ACCOUNT, REFUSALS, write_files
from .refused_values import REFUSED, waves
from .workshop import CHECKOUT, Workshop

# Not refused, but warned of: a connection that forwards nothing yet, and a name on hold that is not there.
WAITING = Call(
    "connection",
    {
        "monitors": {"Waiting": "not known yet"},
        "monitored_projects": {},
        "hold": ["/monitors/Waiting", "/monitors/Wating"],
    },
)


@pytest.fixture(scope="module")
def told(workshop: Workshop) -> Run:
    """One plan of all calls that are refused."""
    calls = {name: refusal.call for name, refusal in REFUSALS.items()}
    root = workshop.root("refused-calls", {**calls, "waiting": WAITING}, account=ACCOUNT)
    write_files(root.folder / "files")
    for refusal in REFUSALS.values():
        workshop.put_parameters(ACCOUNT, refusal.parameters)
    return root.attempt("plan")


@pytest.fixture(scope="module")
def guarded(workshop: Workshop) -> Run:
    """One plan of all values that are refused. Of its own, since Terraform looks at values before anything else."""
    return workshop.root("refused-values", waves()).attempt("plan")


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refused_call_is_told_thing_and_cure(told: Run, name: str) -> None:
    """By one message: a second one for the same mistake would send the reader elsewhere."""
    refusal = REFUSALS[name]
    own = [message.text for message in told.messages if f"modules/{refusal.call.module}/" in message.place]
    found = [text for text in own if refusal.thing in text and refusal.cure in text]
    assert len(found) == 1, found or own


def test_no_refused_call_is_told_anything_else(told: Run) -> None:
    """Terraform does not say which call an error is of, so what is too much shows in their number."""
    assert len(told.errors) == len(REFUSALS)


@pytest.mark.parametrize(("module", "variable"), dict.fromkeys((row[0], row[1]) for row in REFUSED))
def test_a_refused_value_is_told_what_to_write(guarded: Run, module: str, variable: str) -> None:
    """Every one of them, by the variable's own guard."""
    for name, call in waves().items():
        if call.module != module or variable not in call.variables:
            continue
        value = call.variables[variable]
        cures = [row[3] for row in REFUSED if (row[0], row[1]) == (module, variable) and value in row[2]]
        own = [text for text in guarded.case(name).errors if _variable(text) == (module, variable)]
        assert len(own) == len(cures) == 1, (value, own)
        assert cures[0] in own[0]


def _variable(error: str) -> tuple[str, str] | None:
    """The module and the variable whose rule an error names: `... the validation rule at FILE:LINE,...`."""
    place = re.search(r"validation rule at \S*?modules/((\w+)/\S+\.tf):(\d+)", error)
    if place is None:
        return None
    before = (CHECKOUT / "modules" / place[1]).read_text().splitlines()[: int(place[3])]
    return place[2], re.findall(r'^variable "(\w+)"', "\n".join(before), re.MULTILINE)[-1]


def test_a_value_on_hold_may_be_wrong(told: Run) -> None:
    """A registration that is not ready must not turn every apply red; the plan only says that it waits."""
    assert not any("/monitors/Waiting" in text for text in told.errors)
    assert any("1 of 1 parameters are not forwarded to yet: /monitors/Waiting" in text for text in told.warnings)
    assert any("hold has names of parameters that do not exist: /monitors/Wating" in text for text in told.warnings)


def test_faults_of_the_input_show_without_an_account(workshop: Workshop) -> None:
    """Who tries a module in an editor or in CI has no credentials, and should still hear of a mistyped metric."""
    names = ("spoke-metric-unknown", "hub-package-missing")
    root = workshop.root("refused-offline", {name: REFUSALS[name].call for name in names})
    run = root.attempt("plan", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    assert any("No valid credential sources found" in text for text in run.errors)
    assert all(any(REFUSALS[name].thing in text for text in run.errors) for name in names), run.errors


def _messages() -> Iterator[tuple[str, list[str]]]:
    """Each error message of the modules as file name and fixed pieces, without what is interpolated."""
    for file in sorted((CHECKOUT / "modules").rglob("*.tf")):
        text = file.read_text()
        for match in re.finditer(r'^ +error_message = (?:join\(" ", \[\s*)?(?=")', text, re.MULTILINE):
            pieces: list[str] = []
            position = match.end()
            while text[position] == '"':
                found, position = _literal(text, position)
                pieces += found
                position += len(re.match(r",?\s*", text[position:])[0])  # type: ignore[index]
            yield file.name, [" ".join(piece.split()) for piece in pieces]


def _literal(text: str, start: int) -> tuple[list[str], int]:
    """The fixed pieces of the string literal that begins at `start`, and the position after it."""
    pieces, position = [""], start + 1
    while text[position] != '"':
        if text.startswith("${", position):
            position = _after_interpolation(text, position + 2)
            pieces.append("")
            continue
        position += text[position] == "\\"
        pieces[-1] += text[position]
        position += 1
    return pieces, position + 1


def _after_interpolation(text: str, position: int) -> int:
    depth = 1
    while depth:
        if text[position] == '"':
            _, position = _literal(text, position)
            continue
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        position += 1
    return position


def test_every_check_of_the_modules_has_been_seen_to_fail(told: Run, guarded: Run) -> None:
    """A check that nobody has seen fail may be one that cannot: give a new one a row in the tables."""
    checks = list(_messages())
    assert len(checks) > 60
    said = [message.text for message in (*told.messages, *guarded.messages)]
    assert [check for check in checks if not any(all(piece in text for piece in check[1]) for text in said)] == []
