"""The commands that `doctor` prints, for values of others: a shell runs what is meant and nothing else."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from tests.support.tables import HubTables

ATTACK = "touch pwned"
HOSTILE = {
    "semicolon": f"222222222222; {ATTACK}",
    "substitution": f"$({ATTACK})",
    "back-ticks": f"`{ATTACK}`",
    "line break": f"222222222222\n{ATTACK}",
    "single quote": f"'; {ATTACK}; '",
    "double quote": f'"; {ATTACK}; "',
    "comment": f"222222222222 # {ATTACK}",
    "a bus": f"arn:aws:events:eu-west-1:222222222222:event-bus/x;{ATTACK.replace(' ', '$IFS')}",
}
PROGRAMS = ("aws", "ds-dashboard", "terraform")


@pytest.fixture
def sandbox(tmp_path: Path) -> Path:
    """A folder with programs that only write down their arguments."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in PROGRAMS:
        program = programs / name
        program.write_text(f'#!/bin/sh\nprintf "%s\\0" {name} "$@" >> "$RECORD"\nprintf "\\n\\0" >> "$RECORD"\n')
        program.chmod(0o755)
    (tmp_path / "empty").mkdir()
    return tmp_path


def _run_as_pasted(lines: list[str], sandbox: Path) -> list[list[str]]:
    """Pipe lines into a shell, and return the command lines that its programs received."""
    record = sandbox / "record"
    env = {"PATH": f"{sandbox / 'bin'}:{os.environ['PATH']}", "RECORD": str(record)}
    subprocess.run(["sh"], input="\n".join(lines), text=True, env=env, cwd=sandbox / "empty", check=False)
    assert list((sandbox / "empty").iterdir()) == []
    assert not (sandbox / "pwned").exists()
    words = record.read_text().split("\0")[:-1]
    commands: list[list[str]] = [[]]
    for word in words:
        if word == "\n":
            commands.append([])
        else:
            commands[-1].append(word)
    return commands[:-1]


def _check_remedies(findings: list[dict[str, Any]], sandbox: Path) -> list[str]:
    """Check that a shell runs each remedy as it is read, and nothing of a hostile value; returns the remedies."""
    remedies = [finding["Cure"] for finding in findings if finding["Cure"].startswith(PROGRAMS)]
    assert {finding["Cure"].split()[0] for finding in findings} <= {*PROGRAMS, "Allow"}
    assert remedies
    assert [remedy for remedy in remedies if "pwned" in remedy] == []
    assert _run_as_pasted(remedies, sandbox) == [shlex.split(remedy, comments=True) for remedy in remedies]
    return remedies


def _write_down_an_attack_in_the_table(hub: HubTables, value: str) -> None:
    """As an archive with other rules could have: the account, the region and the failures of a spoke."""
    failures = {value: {"ErrorType": value, "ErrorMessage": value, "ExtractionDate": "2026-11-27T00:00:00.000000Z"}}
    for project in ("P#dev", "Gone#dev", f"{value}#dev"):
        hub.put("spokes", {"Project": project, "AccountId": value, "Region": value, "Failures": failures})


@pytest.mark.parametrize("kind", HOSTILE)
def test_the_fixes_for_a_hub_contain_no_value_of_others(kind: str, hub: HubTables, sandbox: Path) -> None:
    """Parameters, and what a spoke is in the tables. The accounts are placeholders."""
    value = HOSTILE[kind]
    hub.account.bus(f"{hub.name}-hub")
    hub.register("P/dev", value)
    hub.register("Silent/dev", value)
    _write_down_an_attack_in_the_table(hub, value)
    findings = hub.lines("doctor", "--side", "hub", code=1)
    remedies = _check_remedies(findings, sandbox)
    overwrite = f"aws ssm put-parameter --overwrite --name {hub.path}/P/dev --value ACCOUNT_ID "
    assert [remedy for remedy in remedies if remedy.startswith(overwrite)]
    (gone,) = [
        finding for finding in findings if finding["Thing"] == "spoke Gone/dev" and "rejected" in finding["Cause"]
    ]
    assert gone["Cure"].startswith(f"ds-dashboard spokes forget Gone/dev --name {hub.name} ")
    register = f"or, if its owner confirms: aws ssm put-parameter --type String --name {hub.path}/Gone/dev --value "
    assert register in gone["Cure"]
    assert gone["Cure"].partition(register)[2].split()[0] in ("ACCOUNT_ID", "BUS_ARN")
    silent = [
        finding for finding in findings if finding["Thing"] == "spoke Silent/dev" and "silent" in finding["Cause"]
    ]
    assert silent[0]["Cure"] == (
        f"ds-dashboard doctor --side spoke --name {hub.name} --region eu-west-1    # with a profile of the account of "
        "the spoke"
    )


@pytest.mark.parametrize("kind", ["semicolon", "line break"])
def test_the_fixes_for_a_spoke_contain_no_value_of_others(kind: str, hub: HubTables, sandbox: Path) -> None:
    """Parameters, and what the code of a metric writes into the log of its function."""
    value = HOSTILE[kind]
    path, group = f"/{hub.name}/monitors", f"/aws/lambda/{hub.name}-extract"
    hub.account.bus(f"{hub.name}-spoke")
    hub.account.ssm.put_parameter(Name=f"{path}/hub", Value=value, Type="String")
    hub.function("extract", "def handler(event, context):\n    return {}\n")
    hub.account.logs.create_log_group(logGroupName=group)
    hub.account.logs.create_log_stream(logGroupName=group, logStreamName="s")
    line = json.dumps({"event": "metric_extractor_run", "Failed": value, "Emitted": [value]})
    event = {"timestamp": int(time.time() * 1000), "message": line}
    hub.account.logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=[event])
    findings = hub.lines("doctor", "--side", "spoke", "--monitors-path", path, code=1)
    remedies = _check_remedies(findings, sandbox)
    overwrite = f"aws ssm put-parameter --overwrite --name {path}/hub --value ACCOUNT_ID "
    assert [remedy for remedy in remedies if remedy.startswith(overwrite)]


def test_a_profile_and_a_region_are_quoted(hub: HubTables, sandbox: Path, tmp_path: Path) -> None:
    """They are the operator's own, and may contain a space."""
    hub.account.bus(f"{hub.name}-hub")
    hub.register("P/dev", "nobody")
    config = tmp_path / "config"
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    keys = "".join(f"{name.lower()} = {hub.env[name]}\n" for name in names)
    config.write_text(f'[profile "our hub\'s"]\n{keys}')
    findings = hub.lines("doctor", "--side", "hub", "--profile", "our hub's", code=1, AWS_CONFIG_FILE=str(config))
    remedies = [finding["Cure"] for finding in findings if finding["Cure"].startswith("aws ")]
    assert remedies
    assert all(shlex.split(remedy, comments=True)[-2:] == ["--profile", "our hub's"] for remedy in remedies)
    assert _run_as_pasted(remedies, sandbox) == [shlex.split(remedy, comments=True) for remedy in remedies]
