"""Files that `ds-dashboard manifest` cannot read: each is named, with line and cure."""

from __future__ import annotations

from typing import Any

import pytest

IMPORTS = "import boto3\nfrom ds_dashboard.metrics import Metric\n"
COMPUTES = "    def _compute_value(self):\n        return 1\n"

UNREADABLE = {
    "a call while it is imported": (
        "boto3.client('sts').get_caller_identity()\n",
        "a.py:3: calls sts GetCallerIdentity during the import. Move it into _compute_value",
    ),
    "a call through a helper": (
        "def account():\n    return boto3.client('sts').get_caller_identity()\nACCOUNT = account()\n",
        "a.py:4: calls sts GetCallerIdentity",
    ),
    "another connection": (
        "import urllib.request\nurllib.request.urlopen('http://192.0.2.1/')\n",
        "a.py:4: looks up the address of 192.0.2.1",
    ),
    "a bare socket": (
        "import socket\nsocket.socket().connect(('192.0.2.1', 80))\n",
        "a.py:4: connects to 192.0.2.1",
    ),
    "a profile": ("boto3.Session(profile_name='mine')\n", "a.py:3: ProfileNotFound"),
    "a variable of the Lambda's": (
        "import os\nos.environ['ONLY_IN_THE_LAMBDA']\n",
        "a.py:4: KeyError: 'ONLY_IN_THE_LAMBDA' (during the import). This code must run without",
    ),
    "a syntax error": ("class A(Metric)\n", "a.py:3: is not valid Python"),
    "a missing module": ("import no_such_thing\n", "a.py:3: module no_such_thing not found. Install it here as well"),
    "a neighbour without a dot": ("import neighbour\n", "a.py:3: module neighbour not found. It is in the same folder"),
    "the sample's import": (
        "from metric import Metric\n",
        "a.py:3: module metric not found. Write `from ds_dashboard",
    ),
    "a Metric of its own": (
        f"class Metric:\n{COMPUTES}class A(Metric):\n    pass\n",
        "a.py:3: the file defines its own `Metric` class",
    ),
    "somebody else's Metric": (
        f"class A:\n    _iam_permissions = []\n{COMPUTES}",
        "a.py:3: A looks like a metric and does not derive from `Metric`",
    ),
    "a wrong declaration": (
        f"class A(Metric):\n    _iam_permission = []\n{COMPUTES}",
        "a.py:3: A: nothing reads the attribute `_iam_permission`. Write `_iam_permissions`.",
    ),
    "a name of ours": (
        f"class NumberEndPointsInService(Metric):\n{COMPUTES}",
        "a.py:3: NumberEndPointsInService: the name is taken by ds_dashboard.metrics.endpoints",
    ),
    "a name twice in one file": (
        f"class A(Metric):\n{COMPUTES}class A(Metric):\n{COMPUTES}",
        "a.py:6: A: the name is taken by the class in line 3. The class name is the metric's name",
    ),
    "a class in a function": (
        "def make():\n    class A(Metric):\n        def _compute_value(self): return 1\n    return A\nB = make()\n",
        "a.py:4: A is not at the top level of its file",
    ),
    "a default that is no JSON": (
        f"class A(Metric):\n    arguments = {{'n': {{'default': {{1}}}}}}\n{COMPUTES}",
        "a.py:3: A: a default or a Condition cannot be written as JSON",
    ),
    "the end of the process": ("raise SystemExit(3)\n", "a.py:3: SystemExit: 3"),
}


@pytest.mark.parametrize(("text", "told"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_file_that_cannot_be_read_is_named_with_line_and_cure(team: Any, text: str, told: str) -> None:
    """The author sees his own line and what to do, never our stack trace."""
    team.put("a.py", IMPORTS + text)
    team.put("neighbour.py", "")
    assert f"team/{told}" in team.refusal()


def test_every_problem_is_told_at_once(team: Any) -> None:
    """One run a fault would be tedious for whoever moves ten files over."""
    team.put("a.py", "import no_such_thing\n")
    team.metric("B", "    units = 1\n")
    told = team.refusal()
    assert "team/a.py:1" in told
    assert "team/b.py:3" in told


def test_a_process_that_is_gone_is_told_too(team: Any) -> None:
    """os._exit asks nobody."""
    team.put("a.py", "import os\nos._exit(7)\n")
    assert "ended with exit code 7" in team.refusal()
