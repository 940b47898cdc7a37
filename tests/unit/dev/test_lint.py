"""How `make lint` runs its checks and reports them."""

from __future__ import annotations

import threading

import pytest

from ds_dashboard_dev import lint
from ds_dashboard_dev.checkout import CHECKOUT, Failure, ProgramMissing
from ds_dashboard_dev.lint import Check, Part, Result


def _run(*parts: Part, workers: int = 2) -> Result:
    (result,) = lint.results([Check("one", parts)], workers)
    return result


def _fail() -> list[str]:
    raise Failure("terraform init failed", fix="See above.")


def _miss() -> list[str]:
    raise ProgramMissing("install Go")


def test_a_check_has_the_findings_of_all_its_parts() -> None:
    """A program that fails unexpectedly is a finding too: the check did not pass."""
    result = _run(lambda: ["a line is too long"], lambda: [], _fail)
    assert result.status == "FAILED"
    assert [finding.splitlines()[0] for finding in result.findings] == ["a line is too long", "terraform init failed"]
    assert _run(lambda: []).status == "ok"


def test_parts_run_at_the_same_time() -> None:
    """Most of them wait for one process, and the machine has more than one core."""
    both = threading.Barrier(2, timeout=30)

    def part() -> list[str]:
        both.wait()
        return []

    assert _run(part, part).status == "ok"


@pytest.mark.parametrize(
    ("parts", "code"), [([_miss], 0), ([_miss, lambda: ["a finding"]], 1), ([lambda: ["a finding"]], 1)]
)
def test_only_findings_fail(
    parts: list[Part], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A check that cannot run on this machine is named at the end, with what to install."""
    monkeypatch.setattr(lint, "checks", lambda: [Check("tflint", parts), Check("mypy", [lambda: []])])
    assert lint.main() == code
    lines = capsys.readouterr().err
    assert ("not run: tflint: install Go" in lines) == (_miss in parts)
    assert ("failed: tflint" in lines) == bool(code)


def test_every_folder_with_terraform_sources_is_validated() -> None:
    """Modules and examples, nested ones included."""
    folders = {str(folder.relative_to(CHECKOUT)) for folder in lint.terraform_folders()}
    assert {"modules/hub", "modules/spoke", "modules/connection", "examples/local/accounts"} <= folders
    assert any(folder.startswith("modules/connection/") for folder in folders)
