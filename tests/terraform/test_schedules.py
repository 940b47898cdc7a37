"""Which schedules a plan accepts. EventBridge Scheduler rejects all others, in the middle of an apply."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ds_dashboard_dev.checkout import CHECKOUT
from ds_dashboard_dev.terraform.installation import find_terraform

ACCEPTED = [
    *("rate(1 minute)", "rate(1 day)", "rate(12 hours)", "rate(1 days)"),
    *("cron(0 6 * * ? *)", "cron(0  6 ? *  MON-FRI *)", "cron(0/15 8-18 ? * mon,wed 2026)", "cron(5,35 0 1,15 * ? *)"),
    *("cron(0 0 L * ? *)", "cron(0 0 LW JAN-MAR ? 2026-2030)", "cron(59 23 15W 12 ? *)", "cron(0 6 ? * 6L *)"),
    *(
        "cron(0 6 ? 1/3 2#1 *)",
        "cron(* * 31 * ? *)",
        "cron(00 06 01 01 ? *)",
        "cron(0 6 ? * L *)",
        "cron(0 0 L-3 * ? *)",
    ),
]
REJECTED = [
    *("", "daily", "rate()", "rate(0 minutes)", "rate(5 weeks)", "rate(1.5 hours)", "rate(-1 day)", "rate( 1 day)"),
    *("Rate(1 day)", "rate(1 day) ", "cron()", "cron(0 6 * *)", "cron(0 6 * * ?)", "cron(0 6 * * ? * *)"),
    # Both days, or neither: the mistake of those who know cron.
    *("cron(0 6 * * * *)", "cron(0 6 ? * ? *)", "cron(0 6 1 * MON *)", "cron(0 6 * ? ? *)"),
    *("cron(60 6 * * ? *)", "cron(0 24 * * ? *)", "cron(0 6 32 * ? *)", "cron(0 6 0 * ? *)", "cron(0 6 * 13 ? *)"),
    *("cron(0 6 ? * 8 *)", "cron(0 6 ? * 0 *)", "cron(0 6 ? * MONDAY *)", "cron(0 6 * * ? 26)", "cron(a b c d e f)"),
    *("cron(*/0 6 * * ? *)", "cron(0, 6 * * ? *)", "cron(0 6 * * ? *", "at(2026-11-27T06:00:00)", "cron(0\n6 * * ? *)"),
]


@pytest.mark.parametrize("module", ["hub", "spoke"])
def test_a_plan_accepts_what_the_scheduler_accepts(module: str, tmp_path: Path) -> None:
    """A typo is found before anything is created."""
    shutil.copy(CHECKOUT / "modules" / module / "patterns.tf", tmp_path)
    (tmp_path / "schedules.auto.tfvars.json").write_text(json.dumps({"schedules": [*ACCEPTED, *REJECTED]}))
    (tmp_path / "schedules.tf").write_text('variable "schedules" {\n  type = list(string)\n}\n')
    line = "jsonencode([for one in var.schedules : one if can(regex(local.patterns.schedule, one))])"
    answer = subprocess.run(
        [find_terraform(), "console"], cwd=tmp_path, input=line, capture_output=True, text=True, check=True
    )
    assert json.loads(json.loads(answer.stdout)) == ACCEPTED


@pytest.mark.parametrize(
    ("path", "variable", "value"),
    [
        ("hub/variables_report.tf", "report", '{ schedule = "daily" }'),
        ("hub/variables.tf", "refresh_schedule", "daily"),
        ("spoke/variables.tf", "schedule_expression", "daily"),
    ],
)
def test_an_error_shows_the_schedule_and_not_the_pattern(path: str, variable: str, value: str, tmp_path: Path) -> None:
    """Terraform prints every value that a condition names: 2,700 characters before the message."""
    module = CHECKOUT / "modules" / path
    shutil.copy(module.parent / "patterns.tf", tmp_path)
    block = re.search(rf'^variable "{variable}" {{$.*?^}}$', module.read_text(), re.MULTILINE | re.DOTALL)
    assert block is not None
    (tmp_path / "variable.tf").write_text(block[0])
    (tmp_path / "providers.tf").write_text("terraform {}\n")
    answer = subprocess.run(
        [find_terraform(), "plan", "-no-color", "-input=false", f"-var={variable}={value}"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert '"daily"' in answer.stderr
    assert "EventBridge Scheduler rejects" in answer.stderr
    assert "JAN" not in answer.stderr
