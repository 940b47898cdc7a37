"""What a plan rejects, with a message that names what is wrong and how to fix it."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator

import pytest

from ds_dashboard_dev.checkout import CHECKOUT
from ds_dashboard_dev.terraform import Changes

from .deployed import DEPLOYED, DEPLOYED_CALLS, OTHER, deploy
from .planner import REGION, Call, Workshop, case
from .rejected import ACCOUNT, REJECTED_CALLS, write_files
from .rejected_values import REJECTED_VALUES, REQUIRED, waves

# Accepted with warnings: a parameter without forwarding, and a name in hold that does not exist.
WAITING = Call(
    "connection",
    {
        "monitors": {"Waiting": "unknown yet"},
        "monitored_projects": {},
        "hold": ["/monitors/Waiting", "/monitors/Wating"],
    },
)
# Buses of other installations in the account, and their paths.
OTHERS = {
    "team-b-hub": "Refreshes to spokes, and results from spokes. The spokes are below /monitored_projects",
    "team-b-spoke": "Refreshes from hubs, and results of this spoke. The hubs are below /monitors",
    "team-d-spoke": "Refreshes from hubs, and results of this spoke. The hubs are below /monitors/team-d",
    "team-c-hub": "Refreshes to spokes, and results from spokes. The spokes are below /team-c/projects",
}
# Files of checks that a first plan defers: test_connecting.py shows that they fail.
EVALUATED_AFTER_AN_APPLY = {"buses.tf"}


@pytest.fixture(scope="module")
def calls_plan(workshop: Workshop) -> Changes:
    """One plan of all rejected calls."""
    calls = {name: rejection.call for name, rejection in REJECTED_CALLS.items()}
    root = workshop.root("rejected-calls", {**calls, **DEPLOYED_CALLS, "waiting": WAITING}, account=ACCOUNT)
    write_files(root.folder / "files")
    for rejection in REJECTED_CALLS.values():
        workshop.put_parameters(ACCOUNT, rejection.parameters, rejection.kind)
    events = workshop.cloud.client("events", ACCOUNT, REGION)
    for name, description in OTHERS.items():
        events.create_event_bus(Name=name, Description=description)
    deploy(workshop.cloud, ACCOUNT, root.folder)
    return root.attempt("plan")


@pytest.fixture(scope="module")
def values_plan(workshop: Workshop) -> Changes:
    """One plan of all rejected values. Terraform validates values before it evaluates anything else."""
    return workshop.root("rejected-values", waves()).attempt("plan")


@pytest.mark.parametrize("name", REJECTED_CALLS)
def test_a_rejected_call_has_one_message_with_subject_and_fix(calls_plan: Changes, name: str) -> None:
    """A second message for the same mistake would mislead the reader."""
    rejection = REJECTED_CALLS[name]
    own = [one.text for one in calls_plan.diagnostics if f"modules/{rejection.call.module}/" in one.place]
    found = [text for text in own if rejection.subject in text and rejection.fix in text]
    assert len(found) == 1, found or own


def test_no_rejected_call_has_another_error(calls_plan: Changes) -> None:
    """Terraform does not name the call that an error belongs to. The number of errors shows any other."""
    assert len(calls_plan.errors) == len(REJECTED_CALLS)


@pytest.mark.parametrize(("module", "variable"), dict.fromkeys((row[0], row[1]) for row in REJECTED_VALUES))
def test_a_rejected_value_has_a_message_with_the_fix(values_plan: Changes, module: str, variable: str) -> None:
    """Each value, by the validation of its own variable."""
    for name, call in waves().items():
        if call.module != module or variable not in call.variables:
            continue
        value = call.variables[variable]
        if value == REQUIRED[module].get(variable):
            continue
        fixes = [row[3] for row in REJECTED_VALUES if (row[0], row[1]) == (module, variable) and value in row[2]]
        own = [text for text in case(values_plan, name).errors if _variable(text) == (module, variable)]
        assert len(own) == len(fixes) == 1, (value, own)
        assert fixes[0] in own[0]


def _variable(error: str) -> tuple[str, str] | None:
    """Return module and variable of the rule that an error names: `... the validation rule at FILE:LINE,...`."""
    place = re.search(r"validation rule at \S*?modules/((\w+)/\S+\.tf):(\d+)", error)
    if place is None:
        return None
    before = (CHECKOUT / "modules" / place[1]).read_text().splitlines()[: int(place[3])]
    return place[2], re.findall(r'^variable "(\w+)"', "\n".join(before), re.MULTILINE)[-1]


def test_a_value_on_hold_may_be_invalid(calls_plan: Changes) -> None:
    """A registration that is not ready must not fail every apply. The plan only warns that it waits."""
    assert not any("/monitors/Waiting" in text for text in calls_plan.errors)
    assert any("1 of 1 parameters are not forwarded to yet: /monitors/Waiting" in text for text in calls_plan.warnings)
    assert any(
        "hold has names of parameters that do not exist: /monitors/Wating" in text for text in calls_plan.warnings
    )


def test_another_installation_with_the_same_parameters_is_reported(calls_plan: Changes) -> None:
    """Both would have the same spokes, or the same hubs, which is rarely intended."""
    hubs, spokes = (
        [text for text in calls_plan.warnings if f"Other {kind} in this account" in text] for kind in ("hubs", "spokes")
    )
    assert any("below /monitored_projects: team-b-hub: Refreshes" in text for text in hubs)
    assert any("below /monitors: team-b-spoke: " in text and "; team-d-spoke: " in text for text in spokes)
    assert not any("team-c" in text or "-spoke:" in text for text in hubs)


def test_invalid_input_is_reported_without_an_account(workshop: Workshop) -> None:
    """An editor or a CI job without credentials still reports a mistyped metric."""
    names = ("spoke-metric-unknown", "hub-package-missing")
    root = workshop.root("rejected-offline", {name: REJECTED_CALLS[name].call for name in names})
    run = root.attempt("plan", env={"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""})
    assert any("No valid credential sources found" in text for text in run.errors)
    assert all(any(REJECTED_CALLS[name].subject in text for text in run.errors) for name in names), run.errors


def test_code_that_no_plan_would_update_is_a_warning_with_the_fix(calls_plan: Changes) -> None:
    """After an update that failed, or one by hand, a plan would have no changes. Without a hash, nothing is known."""
    warnings = [text for text in calls_plan.warnings if "the SHA-256" in text or "whose SHA-256" in text]
    found = {name: [text for text in warnings if f" {name}-" in text] for name in DEPLOYED}
    assert {name: len(texts) for name, texts in found.items() if texts} == {
        "update-failed": 1,
        "replaced": 1,
        "other-object": 1,
    }
    other = b64encode(OTHER).decode()
    (hub,), (spoke,), (in_s3,) = found["update-failed"], found["replaced"], found["other-object"]
    assert f"update-failed-archive ({other}), update-failed-watch ({other})." in hub
    for role in ("archive", "watch"):
        assert f"-replace='module.hub.aws_lambda_function.functions[\"{role}\"]'" in hub
    assert "refresh" not in hub
    assert f"The function replaced-extract runs code with the SHA-256 {other}" in spoke
    assert "terraform apply -replace='module.spoke.aws_lambda_function.extractor'" in spoke
    assert "s3://packages/k, whose SHA-256 is AAAA" in in_s3
    assert ["correct it instead" in text for text in (hub, spoke, in_s3)] == [False, False, True]


def _messages() -> Iterator[tuple[str, list[str]]]:
    """Each error message of the modules as file name and fixed pieces, without what is interpolated."""
    for file in sorted((CHECKOUT / "modules").rglob("*.tf")):
        text = file.read_text()
        for match in re.finditer(r'^ +error_message = (?:join\(" ", (?:compact\()?\[\s*)?(?=")', text, re.MULTILINE):
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


def test_every_check_of_the_modules_fails_in_a_test(calls_plan: Changes, values_plan: Changes) -> None:
    """A check that has never failed may be unable to fail. Add a row for each new check."""
    checks = [check for check in _messages() if check[0] not in EVALUATED_AFTER_AN_APPLY]
    assert len(checks) > 60
    said = [one.text for one in (*calls_plan.diagnostics, *values_plan.diagnostics)]
    assert [check for check in checks if not any(all(piece in text for piece in check[1]) for text in said)] == []
